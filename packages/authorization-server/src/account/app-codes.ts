import { createHash, hkdfSync } from 'node:crypto';
import { CompactEncrypt, compactDecrypt } from 'jose';
import { Secret, TOTP } from 'otpauth';
import type { CookieKeys } from '../keys/parse-cookie-keys.js';

const stepSeconds = 30;
/** The codes of the previous and the next time step are accepted too, because clocks differ (RFC 6238 section 5.2). */
const window = 1;
/** 160 bits, as RFC 4226 section 4 recommends. */
const secretBytes = 20;

/** @returns SECRET: a new secret for an authenticator app, in base32 */
export function makeAppSecret(): string {
  return new Secret({ size: secretBytes }).base32;
}

/** The address in the QR code. SECRET: contains the secret. */
export function formatAppAddress(secret: string, email: string): string {
  return createTotp(secret, email).toString();
}

/** @returns the time step of a code; undefined when the code is wrong */
export function findCodeStep(secret: string, code: string, now: Date): bigint | undefined {
  const token = code.replaceAll(/\s/g, '');
  if (!/^\d{6}$/.test(token)) return undefined;
  const delta = createTotp(secret).validate({ token, timestamp: now.getTime(), window });
  return delta === null ? undefined : BigInt(Math.floor(now.getTime() / 1_000 / stepSeconds) + delta);
}

/** SHA-1, six digits and 30 seconds, because most apps support nothing else. */
function createTotp(secret: string, label = ''): TOTP {
  const parameters = { algorithm: 'SHA1', digits: 6, period: stepSeconds } as const;
  return new TOTP({ ...parameters, issuer: 'AIPassport', label, secret: Secret.fromBase32(secret) });
}

/**
 * Encrypts a secret for the database, with a key that is derived from the first cookie key. The encryption also
 * authenticates the account, so a row that is copied to another account cannot be used there.
 */
export async function sealAppSecret([key]: CookieKeys, accountId: string, secret: string): Promise<string> {
  return new CompactEncrypt(Buffer.from(secret))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: nameKey(key), account: accountId })
    .encrypt(deriveKey(key));
}

/**
 * @returns SECRET: the app's secret
 * @throws Error when the cookie key that encrypted the secret is gone, or the row belongs to another account
 */
export async function unsealAppSecret(keys: CookieKeys, accountId: string, sealed: string): Promise<string> {
  const { plaintext, protectedHeader } = await compactDecrypt(sealed, ({ kid }) => {
    const key = keys.find((one) => nameKey(one) === kid);
    if (key === undefined) throw new Error('the cookie key that sealed the secret of an authenticator app is gone');
    return deriveKey(key);
  });
  if (protectedHeader['account'] !== accountId) throw new Error('the secret of an authenticator app is in a wrong row');
  return Buffer.from(plaintext).toString();
}

function deriveKey(cookieKey: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', cookieKey, '', 'aipassport: secrets of authenticator apps', 32));
}

function nameKey(cookieKey: string): string {
  return createHash('sha256').update(deriveKey(cookieKey)).digest('base64url').slice(0, 16);
}
