import { statSync } from 'node:fs';

/**
 * Returns a text that differs between two states of a file, without reading the file: it contains the size, the times
 * of writing, and the inode, which a replacement file does not share. Empty when the file cannot be accessed.
 */
export function readFileVersion(path: string): string {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return [ino, size, mtimeNs, ctimeNs].join(' ');
  } catch {
    return ''; // The code that reads the file reports the reason.
  }
}
