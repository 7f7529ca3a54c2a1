import { type ProofAlgorithm, proofAlgorithms } from '@aipassport/contracts';
import { hasSecretMember, isJsonObject } from '@aipassport/policy';
import { refuseMetadata } from './describe-oauth-denial.js';

const maxKeys = 10;
/** FAPI 2.0 Security Profile, section 5.4.2. */
const minModulusBytes = 2_048 / 8;

type Key = Readonly<Record<string, unknown>>;

/**
 * Refuses a client's key set (RFC 7591 section 2, `jwks`) with a private or symmetric key, whether the client uses the
 * keys or not.
 * @throws InvalidClientMetadata
 */
export function requirePublicKeys(jwks: unknown): void {
  if (findKeys(jwks).some(hasSecretMember))
    refuseMetadata(
      'jwks',
      'must hold public keys only. It holds a private or symmetric key: make a new key pair, and send its public key',
    );
}

/**
 * Refuses a client's key set with a key that could not verify the client's assertions.
 * @throws InvalidClientMetadata
 */
export function requireVerifyingKeys(jwks: unknown): void {
  const keys = findKeys(jwks);
  if (keys.length === 0 || keys.length > maxKeys)
    refuseMetadata('jwks', `must be a JSON Web Key Set with 1 to ${maxKeys} keys: {"keys":[...]}`);
  const problem = keys.map(findProblem).find((found) => found !== undefined);
  if (problem !== undefined) refuseMetadata('jwks', problem);
  const names = keys.map(({ kid }) => kid).filter((kid) => kid !== undefined);
  if (new Set(names).size !== names.length) refuseMetadata('jwks', 'must not have two keys with the same kid');
}

/** @returns an empty list for anything but a key set */
function findKeys(jwks: unknown): readonly Key[] {
  const keys = isJsonObject(jwks) ? jwks['keys'] : undefined;
  return Array.isArray(keys) && keys.every(isJsonObject) ? keys : [];
}

function findProblem(key: Key): string | undefined {
  const algorithms = listAlgorithms(key);
  if (algorithms.length === 0)
    return `must hold keys for ${proofAlgorithms.join(', ')}: RSA with at least 2048 bits, EC with P-256, or OKP with Ed25519`;
  if (key['alg'] !== undefined && !algorithms.some((algorithm) => algorithm === key['alg']))
    return `has a key whose alg should be ${algorithms.join(' or ')}`;
  if (key['use'] !== undefined && key['use'] !== 'sig') return 'has a key whose use is not sig';
  if (key['kid'] !== undefined && typeof key['kid'] !== 'string') return 'has a kid that is not a text';
  return undefined;
}

function listAlgorithms({ kty, crv, x, y, n, e }: Key): readonly ProofAlgorithm[] {
  if (kty === 'EC' && crv === 'P-256' && countBytes(x) === 32 && countBytes(y) === 32) return ['ES256'];
  if (kty === 'OKP' && crv === 'Ed25519' && countBytes(x) === 32) return ['EdDSA', 'Ed25519'];
  return kty === 'RSA' && countBytes(n) >= minModulusBytes && countBytes(e) > 0 ? ['PS256'] : [];
}

function countBytes(value: unknown): number {
  return typeof value === 'string' ? Buffer.from(value, 'base64url').length : 0;
}
