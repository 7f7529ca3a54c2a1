/**
 * The signature algorithms of DPoP proofs (RFC 9449) and of client assertions (RFC 7523): those of the FAPI 2.0
 * Security Profile, section 5.4.1. `EdDSA` is with Ed25519.
 */
export const proofAlgorithms = ['PS256', 'ES256', 'EdDSA'] as const;
