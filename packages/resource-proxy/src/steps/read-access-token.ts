import { maxAccessTokenLength } from '@aipassport/contracts';
import { Denied } from '../denials/denial.js';

/** `token68` of RFC 9110 section 11.2, which covers every JWT in compact form. */
const tokenPattern = /^[A-Za-z0-9\-._~+/]+=*$/;
const bearerPattern = /^bearer ([^ ]+)$/i;

/**
 * Reads the credential of a request from wherever the caller's SDK puts its API key.
 *
 * @param rawHeaders as received: `request.headers` shows only the first of two `Authorization` lines
 * @returns SECRET: the access token, not yet verified
 * @throws Denied `token_missing`, `token_malformed` or `credentials_repeated`
 */
export function readAccessToken(rawHeaders: readonly string[]): string {
  const credentials = new Set<string | undefined>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase();
    if (name !== 'authorization' && name !== 'x-api-key' && name !== 'x-goog-api-key') continue;
    const value = rawHeaders[index + 1] ?? '';
    credentials.add(name === 'authorization' ? bearerPattern.exec(value)?.[1] : value);
  }
  if (credentials.size === 0) throw new Denied({ reason: 'token_missing' });
  // Two tokens may belong to two people, and choosing one would be a guess (RFC 6750 section 2). Some SDKs send the
  // same token in two headers, which is accepted.
  if (credentials.size > 1) throw new Denied({ reason: 'credentials_repeated' });
  const [token] = credentials;
  if (token === undefined || token.length > maxAccessTokenLength || !tokenPattern.test(token)) {
    throw new Denied({ reason: 'token_malformed' });
  }
  return token;
}
