import { randomBytes } from 'node:crypto';

/** @returns SECRET: 256 random bits, base64url. Where the database needs to know it, it stores `hashSecret` of it. */
export function makeSecret(): string {
  return randomBytes(32).toString('base64url');
}
