import { closeSync, fsyncSync, openSync } from 'node:fs';

/**
 * Makes the names in a directory survive a power cut, as `fsync` does for the content of a file. It blocks the process,
 * as do all functions that write secret files. The journal in packages/store has its own function, which does not
 * block.
 */
export function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
