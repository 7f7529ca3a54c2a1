import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/** Replaces the file. A reader finds either the old text or the new one, even after a power cut. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const unfinished = `${file}.${randomUUID()}`;
  try {
    await withSynced(unfinished, 'wx', (handle) => handle.writeFile(text));
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  await withSynced(path.dirname(file), 'r'); // the directory has the file’s name
}

/** Opens a file or a directory, and makes its content survive a power cut. */
async function withSynced(name: string, flags: string, write?: (handle: FileHandle) => Promise<void>): Promise<void> {
  const handle = await open(name, flags);
  try {
    await write?.(handle);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
