import { readFileSync } from 'node:fs';
import { importJWK, type JWK, SignJWT } from 'jose';
import { readClaims } from '../../harness/connect.js';
import type { Laboratory } from './laboratory.js';

/** The same token with another lifetime, signed with the same signing key: for example one that was issued long ago. */
export async function signAnew(
  { keyFiles }: Pick<Laboratory, 'keyFiles'>,
  accessToken: string,
  { issuedAtSeconds, expiresAtSeconds }: { readonly issuedAtSeconds: number; readonly expiresAtSeconds: number },
): Promise<string> {
  const { keys } = JSON.parse(readFileSync(keyFiles.authorizationServer.signingKeys, 'utf8')) as { keys: JWK[] };
  const [key] = keys;
  if (key?.kid === undefined) throw new Error('there is no signing key');
  return new SignJWT({ ...readClaims(accessToken), iat: issuedAtSeconds, exp: expiresAtSeconds })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: key.kid })
    .sign(await importJWK(key, 'ES256'));
}
