import { hash } from 'node:crypto';
import type { ProofAlgorithm } from '@aipassport/contracts';
import type { JWK } from 'jose';
import { isJsonObject } from '../money/json.js';

/** A public key from the header of a proof, with only the members that define it. */
export interface ProofKey {
  readonly jwk: JWK;
  /** RFC 7638, SHA-256, base64url. */
  readonly thumbprint: string;
}

/** The members that define a key, in the order that the thumbprint requires (RFC 7638 section 3.3). */
const membersOf = { EC: ['crv', 'kty', 'x', 'y'], OKP: ['crv', 'kty', 'x'], RSA: ['e', 'kty', 'n'] } as const;

const kindOf: Readonly<Record<ProofAlgorithm, { readonly kty: keyof typeof membersOf; readonly crv?: string }>> = {
  ES256: { kty: 'EC', crv: 'P-256' },
  Ed25519: { kty: 'OKP', crv: 'Ed25519' },
  EdDSA: { kty: 'OKP', crv: 'Ed25519' },
  PS256: { kty: 'RSA' },
};

/** Members of private and of symmetric keys (RFC 7518 section 6, RFC 8037 section 2; `priv` is of key type `AKP`). */
const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];
const base64url = /^[\w-]+$/;
/**
 * The length of a modulus of 4096 bits, in base64url. The client chooses the modulus and the exponent, and the time of
 * a verification grows with both.
 */
const maxModulusLength = 683;
/** The length of an exponent of 32 bits, in base64url. The usual exponent, 65537, has 17 bits. */
const maxExponentLength = 6;

/** Whether a JSON Web Key is a private or a symmetric key. */
export function hasSecretMember(jwk: object): boolean {
  return secretMembers.some((name) => Object.hasOwn(jwk, name));
}

/**
 * Parses the member `jwk` of a proof's header.
 * @returns undefined when it is not a public key for the algorithm, contains secret members, or has a longer
 *          modulus or exponent than we accept
 */
export function parseProofKey(jwk: unknown, algorithm: ProofAlgorithm): ProofKey | undefined {
  if (!isJsonObject(jwk)) return undefined;
  if (hasSecretMember(jwk)) return undefined;
  const given = new Map(Object.entries(jwk));
  const { kty, crv } = kindOf[algorithm];
  if (given.get('kty') !== kty || (crv !== undefined && given.get('crv') !== crv)) return undefined;
  const members: Record<string, string> = {};
  for (const name of membersOf[kty]) {
    const value: unknown = given.get(name);
    if (typeof value !== 'string' || value.length > maxModulusLength) return undefined;
    if (name !== 'crv' && !base64url.test(value)) return undefined;
    members[name] = value;
  }
  if ((members['e']?.length ?? 0) > maxExponentLength) return undefined;
  return { jwk: { kty, ...members }, thumbprint: hash('sha256', JSON.stringify(members), 'base64url') };
}
