import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Makes the names in a directory survive a power cut, as `fsync` does for the content of a file. */
export function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
