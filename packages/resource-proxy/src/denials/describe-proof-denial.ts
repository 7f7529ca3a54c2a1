import { proofAlgorithms } from '@aipassport/contracts';
import { leewaySeconds } from '../proofs/decide-proof.js';
import type { ProofProblem } from '../proofs/proof-problem.js';
import type { Denial } from './denial.js';
import type { ErrorDescription } from './error-description.js';

type ProofDenial = Extract<Denial, { reason: ProofProblem | 'token_bound' | 'token_unbound' }>;

const messages: Readonly<Record<ProofProblem, string>> = {
  proof_missing: 'The header `DPoP` with a proof is missing.',
  proof_repeated: 'Send exactly one header `DPoP`.',
  proof_malformed: 'The header `DPoP` is not a JWT in compact form, or is too long.',
  proof_type_wrong: 'The `typ` of the proof must be `dpop+jwt`.',
  proof_algorithm_wrong: `The \`alg\` of the proof must be one of ${proofAlgorithms.join(', ')}.`,
  proof_key_unusable:
    'The `jwk` of the proof must be a public key of its `alg`: P-256, Ed25519, or RSA of 2048 to 4096 bits.',
  proof_key_other: 'The proof is made with another key than the one to which the access token is bound.',
  proof_method_other: 'The `htm` of the proof must be the method of this request.',
  proof_url_other: 'The `htu` of the proof must be the public URL of this request, without query and fragment.',
  proof_time_wrong: `The \`iat\` of the proof must be within ${leewaySeconds} seconds of this server's time, which the header \`Date\` has.`,
  proof_token_other: 'The `ath` of the proof must be the SHA-256 hash of this access token, in base64url.',
  proof_id_wrong: 'The proof must have a `jti`: a text of at most 256 characters.',
  proof_signature_wrong: 'The signature of the proof does not fit its `jwk`.',
  proof_used: 'Another request has brought the same proof. Make a new proof for each request.',
};

/** Describes refusals that concern DPoP (RFC 9449 section 7). */
export function describeProofDenial({ reason }: ProofDenial): ErrorDescription {
  switch (reason) {
    case 'token_bound':
      return {
        status: 401,
        code: 'invalid_token',
        message:
          'This access token is bound to a key. Send it as `Authorization: DPoP <token>` with a proof in the header `DPoP`. `Authorization: Bearer`, `x-api-key` and `x-goog-api-key` take only tokens that are not bound.',
        challenge: { error: 'invalid_token' },
      };
    case 'token_unbound':
      return {
        status: 401,
        code: 'invalid_token',
        message: 'This access token is not bound to a key. Send it as `Authorization: Bearer <token>`.',
        challenge: { error: 'invalid_token' },
      };
    default:
      return {
        status: 401,
        code: 'invalid_dpop_proof',
        message: messages[reason],
        challenge: { error: 'invalid_dpop_proof' },
      };
  }
}
