import { ConfigurationError } from '@aipassport/contracts';
import type { JWK } from 'jose';

/** SECRET: never logged. An EC key of the curve P-256 with its private part. */
export interface SigningKey {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
  readonly d: string;
  readonly kid: string;
  readonly alg: 'ES256';
  readonly use: 'sig';
}

/** The first signs; tokens of the others still verify, and all their public parts are published. */
export type SigningKeys = readonly [SigningKey, ...SigningKey[]];

export function parseSigningKeys(json: unknown): SigningKeys {
  const listed = isObject(json) && Array.isArray(json.keys) ? json.keys : [];
  const [first, ...others] = listed.flatMap((key) => parseSigningKey(key) ?? []);
  if (first === undefined || others.length + 1 !== listed.length)
    throw new ConfigurationError('must hold a JSON Web Key Set of private EC keys (P-256), each with a `kid`');
  if (new Set(listed.map(({ kid }: JWK) => kid)).size !== listed.length)
    throw new ConfigurationError('holds two keys with the same `kid`');
  return [first, ...others];
}

function parseSigningKey(key: unknown): SigningKey | undefined {
  if (!isObject(key) || key.kty !== 'EC' || key.crv !== 'P-256') return undefined;
  const { x, y, d, kid } = key;
  if (typeof x !== 'string' || typeof y !== 'string' || typeof d !== 'string' || typeof kid !== 'string')
    return undefined;
  return { kty: 'EC', crv: 'P-256', x, y, d, kid, alg: 'ES256', use: 'sig' };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
