import { type ProofAlgorithm, proofAlgorithms } from '@aipassport/contracts';
import { normalizeUrl } from './normalize-url.js';
import type { Proof } from './parse-proof.js';
import { type ProofKey, parseProofKey } from './proof-key.js';
import { type ProofProblem, proofLeewaySeconds } from './proof-problem.js';

/** The request that a proof must be made for. */
export interface ProvenRequest {
  readonly method: string;
  /** The public URL without query and fragment, normalised. */
  readonly url: string;
  /** SHA-256 of the access token, base64url. */
  readonly tokenHash: string;
  /** The thumbprint of the client's key to which the access token is bound. */
  readonly keyThumbprint: string;
}

export type ProofVerdict =
  /** The proof is valid if its signature is valid and if it was not used before. */
  | { readonly ok: true; readonly algorithm: ProofAlgorithm; readonly key: ProofKey; readonly id: string }
  | { readonly ok: false; readonly problem: ProofProblem };

const maxIdLength = 256;

/**
 * Checks everything about a proof except its signature and whether it was used before (RFC 9449 section 4.3, checks 3
 * to 12). Verifying the signature takes the most time, so it is done after these checks and only for proofs with the
 * right key.
 */
export function decideProof(
  { header, claims }: Proof,
  { method, url, tokenHash, keyThumbprint }: ProvenRequest,
  nowMilliseconds: number,
): ProofVerdict {
  if (header['typ'] !== 'dpop+jwt') return fail('proof_type_wrong');
  const algorithm = proofAlgorithms.find((known) => known === header['alg']);
  if (algorithm === undefined) return fail('proof_algorithm_wrong');
  const key = parseProofKey(header['jwk'], algorithm);
  if (key === undefined) return fail('proof_key_unusable');
  if (key.thumbprint !== keyThumbprint) return fail('proof_key_other');
  if (claims['htm'] !== method) return fail('proof_method_other');
  const { htu, iat, jti } = claims;
  if (typeof htu !== 'string' || (htu !== url && normalizeUrl(htu) !== url)) return fail('proof_url_other');
  if (typeof iat !== 'number' || !(Math.abs(nowMilliseconds / 1_000 - iat) <= proofLeewaySeconds))
    return fail('proof_time_wrong');
  if (claims['ath'] !== tokenHash) return fail('proof_token_other');
  if (typeof jti !== 'string' || jti === '' || jti.length > maxIdLength) return fail('proof_id_wrong');
  return { ok: true, algorithm, key, id: jti };
}

function fail(problem: ProofProblem): ProofVerdict {
  return { ok: false, problem };
}
