import type { ProofAlgorithm } from '@aipassport/contracts';
import { compactVerify, importJWK } from 'jose';
import type { Proof } from './parse-proof.js';
import type { ProofKey } from './proof-key.js';

export async function verifyProofSignature(
  { text }: Proof,
  { jwk }: ProofKey,
  algorithm: ProofAlgorithm,
): Promise<boolean> {
  try {
    await compactVerify(text, await importJWK(jwk, algorithm), { algorithms: [algorithm] });
    return true;
  } catch {
    // A point that is not on the curve, a header parameter in `crit`, or a signature that does not fit.
    return false;
  }
}
