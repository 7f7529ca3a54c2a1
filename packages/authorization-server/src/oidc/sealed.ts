import { hkdfSync } from 'node:crypto';
import { CompactEncrypt, compactDecrypt } from 'jose';

/**
 * Seals a value under a key that is derived from a secret of 256 bits. The database has only the secret's hash, so it
 * takes the secret itself to read the value.
 */
export async function seal(secret: string, value: object): Promise<string> {
  return new CompactEncrypt(Buffer.from(JSON.stringify(value)))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .encrypt(deriveKey(secret));
}

/** @returns what was sealed, in the shape that the same code gave it */
export async function unseal<T extends object>(secret: string, sealed: unknown): Promise<T> {
  const { plaintext } = await compactDecrypt(String(sealed), deriveKey(secret));
  return JSON.parse(Buffer.from(plaintext).toString()) as T;
}

function deriveKey(secret: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', 'aipassport: an answer that is kept for repeats', 32));
}
