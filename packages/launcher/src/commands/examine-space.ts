import { statfsSync } from 'node:fs';
import type { Finding } from './finding.js';

const leastFreeBytes = 1_000_000_000;

/**
 * Checks that the disk of a directory has room for what is written there.
 * @param consequence what happens when the disk is full
 */
export function examineSpace(directory: string, consequence = ofDatabase): Finding {
  const { bavail, bsize } = statfsSync(directory);
  return describeSpace(directory, bavail * bsize, consequence);
}

const ofDatabase = 'the database stops when it cannot write';

export function describeSpace(directory: string, freeBytes: number, consequence = ofDatabase): Finding {
  const text = `${directory}: ${(freeBytes / 1_000_000_000).toFixed(1)} GB of its disk are free`;
  if (freeBytes >= leastFreeBytes) return { ok: true, text };
  return { ok: false, text: `${text}: make room, since ${consequence}` };
}
