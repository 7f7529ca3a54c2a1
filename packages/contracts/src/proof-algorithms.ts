/**
 * The signature algorithms of DPoP proofs (RFC 9449) and of client assertions (RFC 7523). The FAPI 2.0 Security
 * Profile, section 5.4.1, allows PS256, ES256, and EdDSA with the curve Ed25519. RFC 9864 replaces the name `EdDSA`
 * with `Ed25519`. Clients send either name.
 */
export const proofAlgorithms = ['PS256', 'ES256', 'EdDSA', 'Ed25519'] as const;

export type ProofAlgorithm = (typeof proofAlgorithms)[number];
