import { chmodSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { lockDirectory } from './lock-directory.js';

/**
 * Makes the data directory if it does not exist, and locks it while the work runs.
 *
 * @throws DirectoryInUse
 */
export async function withDataDirectory<T>(name: string, work: (directory: string) => Promise<T>): Promise<T> {
  const directory = path.resolve(name);
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o700); // every key is in it
  const unlock = await lockDirectory(directory);
  try {
    return await work(directory);
  } finally {
    unlock();
  }
}
