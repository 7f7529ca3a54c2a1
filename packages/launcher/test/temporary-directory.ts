import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach } from '@jest/globals';

/**
 * @param afterwards when the directories are removed: after each test, or after all tests of the group
 * @returns a function that makes directories
 */
export function useTemporaryDirectories(afterwards: typeof afterEach = afterEach): () => string {
  const made: string[] = [];
  afterwards(() => {
    for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
  });
  return () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'aipassport-'));
    made.push(directory);
    return directory;
  };
}
