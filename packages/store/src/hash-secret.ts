import { createHash } from 'node:crypto';

/**
 * Hashes a random secret (a client secret, a session id, an authorization code). Only the hash is stored.
 * SHA-256, base64url. Not for passwords: they are guessable, and are stored with argon2id.
 */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
