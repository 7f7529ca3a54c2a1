/** What is wrong with the proof of a request whose access token is bound to a key (RFC 9449 section 4.3). */
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
  /** Another request has brought the same proof. */
  | 'proof_used';
