import { randomBytes } from 'node:crypto';

/** @returns SECRET: 256 random bits, base64url. A table against which the secret is checked stores its `hashSecret`. */
export function makeSecret(): string {
  return randomBytes(32).toString('base64url');
}
