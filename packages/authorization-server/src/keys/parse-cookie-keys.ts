import { ConfigurationError } from '@aipassport/contracts';

/** SECRET: never logged. New signatures are made with the first cookie key. The older keys only verify. */
export type CookieKeys = readonly [string, ...string[]];

export function parseCookieKeys(json: unknown): CookieKeys {
  const [first, ...others] = Array.isArray(json)
    ? json.filter((key) => typeof key === 'string' && key.length >= 32)
    : [];
  if (first === undefined || others.length + 1 !== (json as unknown[]).length)
    throw new ConfigurationError('must hold a JSON array of texts with at least 32 characters each');
  return [first, ...others];
}
