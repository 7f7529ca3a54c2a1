import { closeSync, fsyncSync, openSync } from 'node:fs';

/**
 * Makes the names in a directory survive a power cut, as `fsync` does for the content of a file. It blocks, as everything
 * that writes secret files does. The journal of the store has its own, which does not block a server.
 */
export function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
