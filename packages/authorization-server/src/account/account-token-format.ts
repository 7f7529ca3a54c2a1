import { randomBytes } from 'node:crypto';

/** Programs that search for leaked secrets recognize the prefix. The resource proxy knows it too. */
const prefix = 'aipat_';

/** @returns SECRET: a new API token, with 256 random bits */
export function makeAccountToken(): string {
  return `${prefix}${randomBytes(32).toString('base64url')}`;
}

export function isAccountToken(text: string): boolean {
  return text.startsWith(prefix) && /^[\w-]{43}$/.test(text.slice(prefix.length));
}
