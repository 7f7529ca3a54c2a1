import { hkdfSync } from 'node:crypto';
import { CompactEncrypt, compactDecrypt } from 'jose';

/**
 * Encrypts a value with an encryption key that is derived from a secret of 256 bits. The database contains only the
 * secret's hash, so the value can be read only with the secret itself.
 */
export async function seal(secret: string, value: object): Promise<string> {
  return new CompactEncrypt(Buffer.from(JSON.stringify(value)))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .encrypt(deriveKey(secret));
}

/** @returns the value that `seal` encrypted. Its shape is not checked, so the caller must know the shape */
export async function unseal<T extends object>(secret: string, sealed: unknown): Promise<T> {
  const { plaintext } = await compactDecrypt(String(sealed), deriveKey(secret));
  return JSON.parse(Buffer.from(plaintext).toString()) as T;
}

function deriveKey(secret: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', 'aipassport: an answer that is kept for repeats', 32));
}
