import { linkSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { syncDirectory } from './sync-directory.js';
import { writeUnfinishedFile } from './write-unfinished-file.js';

/**
 * Writes a file that only its owner can read. The file is complete or absent, even after a power cut.
 *
 * @returns false when the file already exists; it is not changed
 */
export function writeSecretFile(file: string, content: string): boolean {
  const directory = path.dirname(file);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const unfinished = writeUnfinishedFile(file, content);
  try {
    // unlike a rename, a link never replaces a file: when two processes start at once, both use the secret of the first
    linkSync(unfinished, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(unfinished, { force: true });
  }
  syncDirectory(directory);
  return true;
}
