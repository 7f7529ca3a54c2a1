import { maxAccessTokenLength } from '@aipassport/contracts';
import { keyHeaders } from '@aipassport/policy';
import { Denied } from '../denials/denial.js';

/**
 * The two ways to use an access token: alone (RFC 6750), or with a proof that the client has the key to which the token
 * is bound (RFC 9449).
 */
export type CredentialScheme = 'Bearer' | 'DPoP';

export interface Credential {
  readonly scheme: CredentialScheme;
  /** SECRET: the access token, not yet verified. */
  readonly token: string;
}

/** `token68` of RFC 9110 section 11.2, which covers every JWT in compact form. */
const tokenPattern = /^[A-Za-z0-9\-._~+/]+=*$/;
const authorizationPattern = /^(bearer|dpop) ([^ ]+)$/i;

/**
 * Reads the credential of a request from the header in which the client's SDK sends its API key. Headers other than
 * `Authorization` accept bearer tokens only.
 *
 * @param rawHeaders as received: `request.headers` shows only the first of two `Authorization` lines
 * @throws Denied `token_missing`, `token_malformed` or `credentials_repeated`
 */
export function readAccessToken(rawHeaders: readonly string[]): Credential {
  const credentials = new Map<string, Credential | undefined>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? '';
    if (name !== 'authorization' && !keyHeaders.has(name)) continue;
    const value = rawHeaders[index + 1] ?? '';
    const credential =
      name === 'authorization' ? parseAuthorization(value) : ({ scheme: 'Bearer', token: value } as const);
    credentials.set(credential === undefined ? '' : `${credential.scheme} ${credential.token}`, credential);
  }
  if (credentials.size === 0) throw new Denied({ reason: 'token_missing' });
  // Two tokens may belong to two people, and choosing one would be a guess (RFC 6750 section 2). Some SDKs send the
  // same token in two headers, which is accepted. One token with two schemes is refused.
  if (credentials.size > 1) throw new Denied({ reason: 'credentials_repeated' });
  const [credential] = credentials.values();
  if (
    credential === undefined ||
    credential.token.length > maxAccessTokenLength ||
    !tokenPattern.test(credential.token)
  ) {
    throw new Denied({ reason: 'token_malformed' });
  }
  return credential;
}

function parseAuthorization(value: string): Credential | undefined {
  const [, scheme, token] = authorizationPattern.exec(value) ?? [];
  if (scheme === undefined || token === undefined) return undefined;
  return { scheme: scheme.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer', token };
}
