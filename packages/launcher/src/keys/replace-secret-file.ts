import { renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { syncDirectory } from './sync-directory.js';
import { writeUnfinishedFile } from './write-unfinished-file.js';

/**
 * Replaces an existing secret file. A reader finds either the old content or the new content, complete, even after a
 * power cut. The file keeps its owner and its mode. So the server that uses the file can still read it after another
 * user has rotated a signing or sealing key.
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
