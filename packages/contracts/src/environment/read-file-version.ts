import { statSync } from 'node:fs';

/**
 * Returns a text that changes when a file changes, without reading the file. The text contains the size, the times of
 * the last changes, and the inode, which differs when another file has replaced this one. The text is empty when the
 * file cannot be accessed.
 */
export function readFileVersion(path: string): string {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return [ino, size, mtimeNs, ctimeNs].join(' ');
  } catch {
    return ''; // The code that reads the file reports the reason.
  }
}
