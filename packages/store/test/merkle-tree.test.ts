import { expect, it } from '@jest/globals';
import { hashProof, hashTree, proveLeaf } from '../src/audit/merkle-tree.js';

it('the root is that of Certificate Transparency', () => {
  // from the tests of its reference implementation (RFC 6962)
  expect(hashTree([])).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(hashTree([''])).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
  expect(hashTree(['', '\0'])).toBe('fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125');
});

it('each leaf of a tree of any size can be proved, and no other leaf', () => {
  for (let size = 1; size <= 17; size += 1) {
    const leaves = Array.from({ length: size }, (_, index) => `leaf ${index}`);
    const root = hashTree(leaves);
    for (const [index, leaf] of leaves.entries()) {
      expect(hashProof(leaf, proveLeaf(leaves, index))).toBe(root);
      expect(hashProof('another leaf', proveLeaf(leaves, index))).not.toBe(root);
    }
    expect(hashTree(leaves.toReversed()) === root).toBe(size === 1);
  }
});
