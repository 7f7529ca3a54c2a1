import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { judgeKey, type KeyVerdict } from '@aipassport/policy';
import type { KeyCheck } from './describe-key-checks.js';

const timeoutMilliseconds = 5_000;
/** Reading stops after the first line of the answer, or when it is longer than this. */
const maxBytes = 1_024;

/**
 * Asks the AI provider for its list of models with this provider key, which costs nothing. The URL comes from the
 * configuration, and redirects are not followed.
 *
 * The request is written as bytes, which are overwritten afterwards. An HTTP client would need the provider key as a
 * string, and a string stays in memory.
 * @param key SECRET: the provider key, visible ASCII without spaces, so it cannot add a header
 */
export async function checkProviderKey(check: KeyCheck, key: Uint8Array): Promise<KeyVerdict> {
  return judgeKey(check, await askStatus(check, key).catch(() => undefined));
}

/**
 * @returns the status of the answer; undefined when the answer is not HTTP
 * @throws Error when no answer came in time, or the connection failed
 */
function askStatus({ url, keyHeader, headers }: KeyCheck, key: Uint8Array): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const prefix = keyHeader === 'authorization' ? 'Bearer ' : '';
  const others = Object.entries({ host: url.host, accept: 'application/json', connection: 'close', ...headers });
  const head = others.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const request = Buffer.concat([
    Buffer.from(`GET ${url.pathname} HTTP/1.1\r\n${head}${keyHeader}: ${prefix}`),
    key,
    Buffer.from('\r\n\r\n'),
  ]);
  const socket = open(url);
  socket.setTimeout(timeoutMilliseconds, () => socket.destroy(new Error('no answer in time')));
  const deadline = setTimeout(() => socket.destroy(new Error('no answer in time')), timeoutMilliseconds);
  let answer = '';
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString('latin1');
    if (answer.includes('\r\n') || answer.length > maxBytes) socket.destroy();
  });
  socket.on('error', reject);
  socket.on('close', () => {
    clearTimeout(deadline);
    request.fill(0);
    const [, status] = /^HTTP\/1\.[01] (\d{3})[ \r]/.exec(answer) ?? [];
    resolve(status === undefined ? undefined : Number(status));
  });
  socket.write(request);
  return promise;
}

function open({ protocol, hostname, port }: URL): Socket {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (protocol === 'http:') return connectPlain({ host, port: Number(port || 80) });
  return connectTls({ host, port: Number(port || 443), servername: host, ALPNProtocols: ['http/1.1'] });
}
