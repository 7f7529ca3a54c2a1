import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { authorizationServerPaths } from '@aipassport/contracts';
import { importJWK, SignJWT } from 'jose';
import type { StoredSigningKey } from '../keys/decide-signing-step.js';
import { readSigningKeys, signingKeyKinds } from '../keys/rotate-signing-key.js';
import type { Finding } from './finding.js';

export interface RoundTrip {
  readonly issuer: string;
  readonly resourceProxyUrl: string;
  /** The file with the signing keys of the authorization server. */
  readonly signingKeysFile: string;
  readonly now: Date;
}

const longestMilliseconds = 5_000;
const name = 'tokens';

/**
 * Tests whether the resource proxy checks tokens of the authorization server, with two tokens that this command signs
 * as that server would. The first has expired: the proxy says so only after it has verified the signature. The second
 * has not expired, and no server has stored it, so the proxy has to ask the authorization server, which does not know
 * it. Neither token ever gives access, nothing is spent, and nothing is stored.
 */
export async function examineRoundTrip(trip: RoundTrip): Promise<Finding> {
  const { resourceProxyUrl, signingKeysFile: file } = trip;
  if (!existsSync(file))
    return warn(`not tried, since ${file} is missing: run \`doctor\` where the authorization server runs`);
  try {
    const [key] = readSigningKeys(file, signingKeyKinds.access);
    if (key === undefined) return warn('not tried, since there is no signing key');
    const expired = await present(trip, await sign(trip, key, -3_600));
    if (expired === undefined) return warn(`not tried, since ${resourceProxyUrl} does not answer here`);
    if (!expired.text.includes('has expired'))
      return fault(
        `the resource proxy does not accept the signature of the authorization server (${expired.status}): compare ISSUER and RESOURCE_PROXY_URL of both servers with those of this command, and the keys at ${trip.issuer}${authorizationServerPaths.jwks} with ${file}`,
      );
    const unknown = await present(trip, await sign(trip, key, 30));
    if (unknown?.status !== 401)
      return fault(
        `the resource proxy cannot ask the authorization server about a token (${unknown?.status ?? 'no answer'}): see the health of the proxy, its PROXY_CLIENT_SECRET and AS_INTERNAL_URL`,
      );
    return {
      ok: true,
      text: `${name}: the resource proxy verifies them, and asks the authorization server about them`,
    };
  } catch (error) {
    return fault(error instanceof Error ? error.message : String(error));
  }
}

const warn = (text: string): Finding => ({ ok: true, isWarning: true, text: `${name}: ${text}` });
const fault = (text: string): Finding => ({ ok: false, text: `${name}: ${text}` });

async function sign({ issuer, resourceProxyUrl, now }: RoundTrip, key: StoredSigningKey, seconds: number) {
  const at = Math.floor(now.getTime() / 1_000);
  const expiresAt = at + seconds;
  return new SignJWT({ client_id: 'doctor', grant_id: randomUUID(), scope: 'cap:chat', authorization_details: [] })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', ...(key.kid !== undefined && { kid: key.kid }) })
    .setIssuer(issuer)
    .setAudience(resourceProxyUrl)
    .setSubject('doctor')
    .setJti(randomUUID())
    .setIssuedAt(Math.min(at, expiresAt - 60))
    .setExpirationTime(expiresAt)
    .sign(await importJWK(key, 'ES256'));
}

/** @returns undefined when the proxy does not answer */
async function present({ resourceProxyUrl }: RoundTrip, token: string) {
  try {
    const answer = await fetch(`${resourceProxyUrl}/v1/grant`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(longestMilliseconds),
    });
    return { status: answer.status, text: await answer.text() };
  } catch {
    return undefined;
  }
}
