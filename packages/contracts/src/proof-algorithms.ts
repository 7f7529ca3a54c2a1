/**
 * The signature algorithms of DPoP proofs (RFC 9449) and of client assertions (RFC 7523): those of the FAPI 2.0
 * Security Profile, section 5.4.1. `Ed25519` is the name in RFC 9864 for what was `EdDSA`; clients send either.
 */
export const proofAlgorithms = ['PS256', 'ES256', 'EdDSA', 'Ed25519'] as const;

export type ProofAlgorithm = (typeof proofAlgorithms)[number];
