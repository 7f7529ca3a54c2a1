import { statSync } from 'node:fs';

/**
 * Returns a text that changes when a file changes, without reading the file. The text contains the inode, which differs
 * for a replacement file, the size and the times of the last changes. Empty when the file cannot be accessed.
 */
export function readFileVersion(path: string): string {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return [ino, size, mtimeNs, ctimeNs].join(' ');
  } catch {
    return ''; // The code that reads the file reports the reason.
  }
}
