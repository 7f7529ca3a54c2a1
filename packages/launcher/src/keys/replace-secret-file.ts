import { renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { syncDirectory } from './sync-directory.js';
import { writeUnfinishedFile } from './write-unfinished-file.js';

/**
 * Replaces a secret file that is there: whoever reads it finds the old one or the new one, complete, also over a power
 * cut. It keeps its owner and its mode, so that the server that reads it still can when somebody else rotates its key.
 */
export function replaceSecretFile(file: string, content: string): void {
  const unfinished = writeUnfinishedFile(file, content, statSync(file));
  try {
    renameSync(unfinished, file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
  syncDirectory(path.dirname(file));
}
