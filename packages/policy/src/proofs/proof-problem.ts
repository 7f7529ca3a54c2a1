import { proofAlgorithms } from '@aipassport/contracts';

/** The longest time between the creation of a proof and its use, including the difference between the two clocks. */
export const proofLeewaySeconds = 60;

/** What is wrong with the proof of a request whose access token is bound to a client's key (RFC 9449 section 4.3). */
export type ProofProblem =
  | 'proof_missing'
  | 'proof_repeated'
  | 'proof_malformed'
  | 'proof_type_wrong'
  | 'proof_algorithm_wrong'
  | 'proof_key_unusable'
  /** Made with another key than the one to which the token is bound. */
  | 'proof_key_other'
  | 'proof_method_other'
  | 'proof_url_other'
  | 'proof_time_wrong'
  /** Made for another access token. */
  | 'proof_token_other'
  | 'proof_id_wrong'
  | 'proof_signature_wrong'
  /** The same proof was sent with another request. */
  | 'proof_used';

/** What the client's developer has to correct. */
export const proofProblemTexts: Readonly<Record<ProofProblem, string>> = {
  proof_missing: 'The header `DPoP` with a proof is missing.',
  proof_repeated: 'Send exactly one header `DPoP`.',
  proof_malformed: 'The header `DPoP` is not a JWT in compact form, or is too long.',
  proof_type_wrong: 'The `typ` of the proof must be `dpop+jwt`.',
  proof_algorithm_wrong: `The \`alg\` of the proof must be one of ${proofAlgorithms.join(', ')}.`,
  proof_key_unusable:
    'The `jwk` of the proof must be a public key of its `alg`: P-256, Ed25519, or RSA of 2048 to 4096 bits.',
  proof_key_other: 'The proof is made with a different key from the one to which the access token is bound.',
  proof_method_other: 'The `htm` of the proof must be the method of this request.',
  proof_url_other: 'The `htu` of the proof must be the public URL of this request, without query and fragment.',
  proof_time_wrong: `The \`iat\` of the proof must be within ${proofLeewaySeconds} seconds of this server's time, which the header \`Date\` has.`,
  proof_token_other: 'The `ath` of the proof must be the SHA-256 hash of this access token, in base64url.',
  proof_id_wrong: 'The proof must have a `jti`: a text of at most 256 characters.',
  proof_signature_wrong: 'The signature of the proof does not fit its `jwk`.',
  proof_used: 'This proof was already sent with another request. Make a new proof for each request.',
};
