import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Makes the names in a directory survive a power cut, as `fsync` does for what is in a file. */
export function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
