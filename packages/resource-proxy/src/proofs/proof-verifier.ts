import type { ProofAlgorithm } from '@aipassport/contracts';
import type { Proof, ProofKey } from '@aipassport/policy';
import { type CryptoKey, compactVerify, importJWK } from 'jose';
import { LRUCache } from 'lru-cache';

const maxKeys = 2_000;

/**
 * Verifies the signatures of proofs. The clients' keys that were used most recently are kept imported, which saves a
 * third of the time. Only keys of valid access tokens are kept, so invented keys do not displace real ones.
 */
export class ProofVerifier {
  readonly #keys = new LRUCache<string, CryptoKey | Uint8Array>({ max: maxKeys });

  /** @returns whether the signature fits the client's key in the proof */
  async verify({ text }: Proof, key: ProofKey, algorithm: ProofAlgorithm): Promise<boolean> {
    try {
      await compactVerify(text, await this.#import(key, algorithm), { algorithms: [algorithm] });
      return true;
    } catch {
      // The client's key is a point that is not on the curve, the header has `crit`, or the signature does not fit.
      return false;
    }
  }

  async #import({ jwk, thumbprint }: ProofKey, algorithm: ProofAlgorithm): Promise<CryptoKey | Uint8Array> {
    const name = `${algorithm} ${thumbprint}`;
    const known = this.#keys.get(name);
    if (known !== undefined) return known;
    const imported = await importJWK(jwk, algorithm);
    this.#keys.set(name, imported);
    return imported;
  }
}
