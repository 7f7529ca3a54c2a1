import { ConfigurationError } from '@aipassport/contracts';
import { isJsonObject } from '@aipassport/policy';

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

/** SECRET: never logged. An RSA key with its private part. */
export interface IdTokenKey {
  readonly kty: 'RSA';
  readonly n: string;
  readonly e: string;
  readonly d: string;
  readonly p: string;
  readonly q: string;
  readonly dp: string;
  readonly dq: string;
  readonly qi: string;
  readonly kid: string;
  readonly alg: 'RS256';
  readonly use: 'sig';
}

/**
 * The server signs with the first signing key. Tokens that were signed with another key in the list stay valid. The
 * public parts of all signing keys are published.
 */
export type SigningKeys = readonly [SigningKey, ...SigningKey[]];

/** Signing keys for ID tokens in RS256, which some clients require. If the list is empty, RS256 is not offered. */
export type IdTokenKeys = readonly IdTokenKey[];

const ellipticMembers = ['x', 'y', 'd', 'kid'] as const;
const rsaMembers = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi', 'kid'] as const;
/** The length of a modulus of 2048 bits in base64url. RFC 7518 section 3.3 requires at least 2048 bits. */
const minModulusLength = 342;

export function parseSigningKeys(json: unknown): SigningKeys {
  const [first, ...others] = parseKeySet(json, (key): SigningKey | undefined => {
    const members = key['kty'] === 'EC' && key['crv'] === 'P-256' ? readTexts(key, ellipticMembers) : undefined;
    return members && { kty: 'EC', crv: 'P-256', ...members, alg: 'ES256', use: 'sig' };
  });
  if (first === undefined)
    throw new ConfigurationError('must hold a JSON Web Key Set of private EC keys (P-256), each with a `kid`');
  return [first, ...others];
}

export function parseIdTokenKeys(json: unknown): IdTokenKeys {
  const keys = parseKeySet(json, (key): IdTokenKey | undefined => {
    const members = key['kty'] === 'RSA' ? readTexts(key, rsaMembers) : undefined;
    if (members === undefined || members.n.length < minModulusLength) return undefined;
    return { kty: 'RSA', ...members, alg: 'RS256', use: 'sig' };
  });
  if (keys.length === 0)
    throw new ConfigurationError(
      'must hold a JSON Web Key Set of private RSA keys of 2048 bits or more, each with a `kid`',
    );
  return keys;
}

type Members = Readonly<Record<string, unknown>>;

/** @returns an empty list unless the JSON is a key set and `parse` accepts every key in it */
function parseKeySet<K extends { readonly kid: string }>(
  json: unknown,
  parse: (key: Members) => K | undefined,
): readonly K[] {
  const listed = isJsonObject(json) && Array.isArray(json['keys']) ? (json['keys'] as readonly unknown[]) : [];
  const keys = listed.flatMap((key) => (isJsonObject(key) ? (parse(key) ?? []) : []));
  if (new Set(keys.map(({ kid }) => kid)).size !== keys.length)
    throw new ConfigurationError('holds two keys with the same `kid`');
  return keys.length === listed.length ? keys : [];
}

function readTexts<M extends string>(key: Members, members: readonly M[]): Readonly<Record<M, string>> | undefined {
  const found = members.map((member) => [member, key[member]] as const);
  if (found.some(([, value]) => typeof value !== 'string')) return undefined;
  return Object.fromEntries(found) as Readonly<Record<M, string>>; // each value is a text, as checked above
}
