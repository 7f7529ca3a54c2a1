import { randomBytes } from 'node:crypto';
import { closeSync, fchmodSync, fchownSync, fsyncSync, openSync, rmSync, type Stats, writeFileSync } from 'node:fs';

/**
 * Writes beside a secret file what is to take its place, complete and safe from a power cut. Only its owner can read it,
 * unless it is to have the owner and the mode of another file.
 *
 * @returns where it is; when it cannot be written completely, nothing is left of it
 */
export function writeUnfinishedFile(file: string, content: string, like?: Pick<Stats, 'uid' | 'gid' | 'mode'>): string {
  // In containers that share a directory all processes may have the same number.
  const unfinished = `${file}.${process.pid}.${randomBytes(6).toString('hex')}.new`;
  const descriptor = openSync(unfinished, 'wx', 0o600);
  try {
    if (like !== undefined) {
      fchownSync(descriptor, like.uid, like.gid);
      fchmodSync(descriptor, like.mode & 0o777);
    }
    // unlike `writeSync`, which may write a part of it, and says so only in what it returns
    writeFileSync(descriptor, content);
    fsyncSync(descriptor);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
  return unfinished;
}
