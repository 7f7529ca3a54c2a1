import { createHash } from 'node:crypto';

/**
 * What is stored in the place of a random secret (a client secret, a session id, an authorization code).
 * SHA-256, base64url. Not for passwords: those are guessable, and are stored with argon2id.
 */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
