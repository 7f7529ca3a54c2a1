import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { syncDirectory } from './sync-directory.js';

/**
 * Replaces a secret file that is there: whoever reads it finds the old one or the new one, complete, also over a power
 * cut. It keeps its owner and its mode, so that the server that reads it still can when somebody else rotates its key.
 */
export function replaceSecretFile(file: string, content: string): void {
  const { uid, gid, mode } = statSync(file);
  const unfinished = `${file}.${process.pid}.new`;
  rmSync(unfinished, { force: true });
  const descriptor = openSync(unfinished, 'wx', 0o600);
  try {
    fchownSync(descriptor, uid, gid);
    fchmodSync(descriptor, mode & 0o777);
    writeSync(descriptor, content);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(unfinished, file);
  syncDirectory(path.dirname(file));
}
