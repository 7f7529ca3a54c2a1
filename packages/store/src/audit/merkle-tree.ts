import { createHash } from 'node:crypto';

/**
 * One step of a proof: the root of the neighboring tree, and the side on which that tree is. A proof is a list of these
 * steps, from the leaf to the root.
 */
export interface ProofStep {
  readonly side: 'left' | 'right';
  readonly root: string;
}

/** The root of a Merkle tree (RFC 9162 section 2.1.1), in hexadecimal digits. It commits to all leaves and their order. */
export function hashTree(leaves: readonly string[]): string {
  return treeOf(leaves.map(hashLeaf)).toString('hex');
}

/**
 * Proves that a leaf is in a tree, without the other leaves (RFC 9162 section 2.1.3.1). Each step says on which side the
 * other tree was, so the verification needs neither the index of the leaf nor the size of the tree.
 */
export function proveLeaf(leaves: readonly string[], index: number): readonly ProofStep[] {
  return pathOf(leaves.map(hashLeaf), index);
}

/** @returns the root that follows from the leaf and the proof. The leaf is in a tree if this equals the tree's root. */
export function hashProof(leaf: string, proof: readonly ProofStep[]): string {
  let root = hashLeaf(leaf);
  for (const step of proof) {
    const other = Buffer.from(step.root, 'hex');
    root = step.side === 'left' ? join(other, root) : join(root, other);
  }
  return root.toString('hex');
}

function treeOf(hashes: readonly Buffer[]): Buffer {
  const [only] = hashes;
  if (only === undefined) return digest();
  if (hashes.length === 1) return only;
  const split = splitOf(hashes.length);
  return join(treeOf(hashes.slice(0, split)), treeOf(hashes.slice(split)));
}

function pathOf(hashes: readonly Buffer[], index: number): readonly ProofStep[] {
  if (hashes.length < 2) return [];
  const split = splitOf(hashes.length);
  const [left, right] = [hashes.slice(0, split), hashes.slice(split)];
  return index < split
    ? [...pathOf(left, index), { side: 'right', root: treeOf(right).toString('hex') }]
    : [...pathOf(right, index - split), { side: 'left', root: treeOf(left).toString('hex') }];
}

/** The largest power of two that is smaller than the number of leaves. */
function splitOf(size: number): number {
  return 2 ** Math.ceil(Math.log2(size) - 1);
}

/** The two prefixes differ, so that no leaf can be presented as the root of a tree. */
function hashLeaf(leaf: string): Buffer {
  return digest(Buffer.of(0), Buffer.from(leaf));
}

function join(left: Buffer, right: Buffer): Buffer {
  return digest(Buffer.of(1), left, right);
}

function digest(...parts: readonly Buffer[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
