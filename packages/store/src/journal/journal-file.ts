import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import type { Batch, BatchFiles } from './batch.js';

/** The message is public: the log shows it. */
export class JournalCut extends Error {
  override readonly name = 'JournalCut';
  constructor() {
    super('a file of the journal was removed or changed while it was written: earlier backups cannot use the journal');
  }
}

/**
 * The files of one writer: one a day (UTC). No other writer writes them. After a crash, a file may have only a part of
 * its last batch, without the batch's last line. Readers ignore such entries.
 */
export class JournalFiles implements BatchFiles {
  readonly #directory: string;
  readonly #writer = randomUUID();
  #open: { readonly day: string; readonly handle: FileHandle; length: number } | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * Appends a batch. When this returns, the batch survives a power cut.
   * @param entries the lines of the entries, without line feeds, in parts of any size
   * @param finish makes the last line
   * @throws when the batch could not be written; then the file ends as before, or the next batch gets a new file
   */
  async append(
    day: string,
    entries: AsyncIterable<readonly string[]>,
    finish: (written: Pick<Batch, 'entries' | 'digest'>) => string,
  ): Promise<number> {
    const file = await this.#openDay(day);
    try {
      const digest = createHash('sha256');
      let count = 0;
      let added = 0;
      const write = async (text: string) => {
        await file.handle.appendFile(text);
        added += Buffer.byteLength(text);
      };
      for await (const lines of entries) {
        if (lines.length === 0) continue;
        const text = lines.map((line) => `${line}\n`).join('');
        digest.update(text);
        count += lines.length;
        await write(text);
      }
      await write(`${finish({ entries: count, digest: digest.digest('hex') })}\n`);
      await file.handle.sync();
      await requireWhole(file.handle, file.length + added);
      file.length += added;
      return added;
    } catch (error) {
      if (error instanceof JournalCut) await this.close();
      else await file.handle.truncate(file.length).catch(() => this.close());
      throw error;
    }
  }

  async close(): Promise<void> {
    const opened = this.#open;
    this.#open = undefined;
    await opened?.handle.close();
  }

  async #openDay(day: string) {
    if (this.#open?.day === day) return this.#open;
    await this.close();
    const name = path.join(this.#directory, `journal-${day}-${this.#writer}-${randomUUID().slice(0, 8)}.jsonl`);
    const handle = await open(name, 'ax', 0o600);
    await syncDirectory(this.#directory);
    this.#open = { day, handle, length: 0 };
    return this.#open;
  }
}

/**
 * A file can be removed or cut while it is open, by a person or a script. Data that is written to a file without a
 * name is lost.
 */
async function requireWhole(handle: FileHandle, length: number): Promise<void> {
  const { nlink, size } = await handle.stat();
  if (nlink === 0 || size < length) throw new JournalCut();
}

/** Makes the names of new files survive a power cut. */
async function syncDirectory(name: string): Promise<void> {
  const directory = await open(name, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
