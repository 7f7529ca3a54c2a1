import { statfsSync } from 'node:fs';
import type { Finding } from './finding.js';

const leastFreeBytes = 1_000_000_000;

/** Checks that the disk of a directory has room for the database and the logs in it. */
export function examineSpace(directory: string): Finding {
  const { bavail, bsize } = statfsSync(directory);
  return describeSpace(directory, bavail * bsize);
}

export function describeSpace(directory: string, freeBytes: number): Finding {
  const text = `${directory}: ${(freeBytes / 1_000_000_000).toFixed(1)} GB of its disk are free`;
  if (freeBytes >= leastFreeBytes) return { ok: true, text };
  return { ok: false, text: `${text}: make room, since the database stops when it cannot write` };
}
