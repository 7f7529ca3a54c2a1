import { createHash, hkdfSync } from 'node:crypto';
import { CompactEncrypt, compactDecrypt } from 'jose';
import type { CookieKeys } from './parse-cookie-keys.js';

/** Each kind of secret is sealed with its own key, so that it cannot be opened as another kind. */
const purposes = {
  authenticator_app: 'aipassport: secrets of authenticator apps',
  mail_link: 'aipassport: tokens of links in e-mails',
} as const;

/** A place in the database that contains a sealed secret. */
interface SecretPlace {
  readonly purpose: keyof typeof purposes;
  readonly accountId: string;
}

/**
 * Encrypts a secret for the database, with a key that is derived from the first cookie key. The identifier of
 * the account is authenticated with the secret, so a row that is copied to another account cannot be used there.
 */
export async function sealSecret([key]: CookieKeys, place: SecretPlace, secret: string): Promise<string> {
  const { purpose, accountId } = place;
  return new CompactEncrypt(Buffer.from(secret))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: nameKey(key, purpose), account: accountId })
    .encrypt(deriveKey(key, purpose));
}

/** @returns SECRET. @throws Error when the cookie key that sealed it is gone, or the row belongs to another account */
export async function unsealSecret(keys: CookieKeys, place: SecretPlace, sealed: string): Promise<string> {
  const { purpose, accountId } = place;
  const { plaintext, protectedHeader } = await compactDecrypt(sealed, ({ kid }) => {
    const key = keys.find((one) => nameKey(one, purpose) === kid);
    if (key === undefined) throw new Error(`the cookie key that sealed a secret is gone: ${purpose}`);
    return deriveKey(key, purpose);
  });
  if (protectedHeader['account'] !== accountId) throw new Error(`a sealed secret is in a wrong row: ${purpose}`);
  return Buffer.from(plaintext).toString();
}

function deriveKey(cookieKey: string, purpose: SecretPlace['purpose']): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', cookieKey, '', purposes[purpose], 32));
}

function nameKey(cookieKey: string, purpose: SecretPlace['purpose']): string {
  return createHash('sha256').update(deriveKey(cookieKey, purpose)).digest('base64url').slice(0, 16);
}
