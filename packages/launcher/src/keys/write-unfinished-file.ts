import { randomBytes } from 'node:crypto';
import { closeSync, fchmodSync, fchownSync, fsyncSync, openSync, rmSync, type Stats, writeFileSync } from 'node:fs';

/**
 * Writes the new content of a secret file to another file beside it, complete and safe from a power cut. Only its owner
 * can read it, unless it takes the owner and the mode of `like`.
 *
 * @returns the path of the new file, which is removed when it cannot be written completely
 */
export function writeUnfinishedFile(file: string, content: string, like?: Pick<Stats, 'uid' | 'gid' | 'mode'>): string {
  // The process number alone is not unique: containers that share a directory may use the same process numbers.
  const unfinished = `${file}.${process.pid}.${randomBytes(6).toString('hex')}.new`;
  const descriptor = openSync(unfinished, 'wx', 0o600);
  try {
    if (like !== undefined) {
      fchownSync(descriptor, like.uid, like.gid);
      fchmodSync(descriptor, like.mode & 0o777);
    }
    // `writeFileSync` writes all of the content. `writeSync` may write a part, which only its return value shows.
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
