import { apiTokenPrefix } from '@aipassport/contracts';
import { makeSecret } from '@aipassport/store';

/** @returns SECRET: a new API token, with 256 random bits */
export function makeAccountToken(): string {
  return `${apiTokenPrefix}${makeSecret()}`;
}

export function isAccountToken(text: string): boolean {
  return text.startsWith(apiTokenPrefix) && /^[\w-]{43}$/.test(text.slice(apiTokenPrefix.length));
}
