import { makeSecret } from '@aipassport/store';

/** Programs that search for leaked secrets recognize the prefix. The resource proxy knows it too. */
const prefix = 'aipat_';

/** @returns SECRET: a new API token, with 256 random bits */
export function makeAccountToken(): string {
  return `${prefix}${makeSecret()}`;
}

export function isAccountToken(text: string): boolean {
  return text.startsWith(prefix) && /^[\w-]{43}$/.test(text.slice(prefix.length));
}
