/**
 * The signature algorithms of DPoP proofs (RFC 9449) and of client assertions (RFC 7523). The FAPI 2.0 Security
 * Profile, section 5.4.1, lists them. RFC 9864 renames `EdDSA` to `Ed25519`, and clients send either name.
 */
export const proofAlgorithms = ['PS256', 'ES256', 'EdDSA', 'Ed25519'] as const;

export type ProofAlgorithm = (typeof proofAlgorithms)[number];
