import { connect } from 'node:tls';
import type { Finding } from './finding.js';

const dayMilliseconds = 86_400_000;
/** Programs that renew certificates do so about thirty days before the end. */
const leastDays = 14;
const longestMilliseconds = 5_000;

/** What a server's certificate says. */
export interface SeenCertificate {
  readonly url: string;
  /** Why it is not trusted, as Node.js calls it; undefined when it is. */
  readonly problem: string | undefined;
  readonly endsAt: Date;
}

/** Checks the certificate at each public URL with https: whether it is trusted, and when it ends. */
export async function examineTls(urls: readonly string[], now: Date): Promise<readonly Finding[]> {
  const secure = [...new Set(urls.filter((url) => url.startsWith('https:')))];
  return Promise.all(
    secure.map(async (url) => {
      const seen = await readCertificate(url);
      if (seen !== undefined) return describeCertificate(seen, now);
      return {
        ok: true,
        isWarning: true,
        text: `TLS: ${url} does not answer here, so its certificate was not checked: check it from another network`,
      };
    }),
  );
}

export function describeCertificate({ url, problem, endsAt }: SeenCertificate, now: Date): Finding {
  const days = Math.floor((endsAt.getTime() - now.getTime()) / dayMilliseconds);
  const text = `TLS: the certificate of ${url}`;
  if (days < 0)
    return { ok: false, text: `${text} has expired on ${endsAt.toISOString()}: renew it at the reverse proxy` };
  if (problem !== undefined)
    return { ok: false, text: `${text} is not trusted (${problem}): send the whole chain, for the right name` };
  if (days < leastDays)
    return { ok: false, text: `${text} ends in ${days} days: see why the reverse proxy does not renew it` };
  return { ok: true, text: `${text} is trusted, and valid for ${days} days` };
}

/** @returns undefined when no TLS connection is made */
function readCertificate(url: string): Promise<SeenCertificate | undefined> {
  const { hostname, port } = new URL(url);
  const host = hostname.replaceAll(/[[\]]/g, '');
  return new Promise((resolve) => {
    const socket = connect(
      { host, port: Number(port || 443), servername: /[\d.:]$/.test(host) ? '' : host, rejectUnauthorized: false },
      () => {
        const { valid_to: validTo } = socket.getPeerCertificate();
        const problem = socket.authorized ? undefined : String(socket.authorizationError);
        socket.destroy();
        resolve({ url, problem, endsAt: new Date(validTo) });
      },
    );
    socket.setTimeout(longestMilliseconds, () => socket.destroy());
    socket.on('error', () => resolve(undefined)).on('close', () => resolve(undefined));
  });
}
