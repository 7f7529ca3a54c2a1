import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { isError } from '@aipassport/contracts';
import type { AuditKeys } from '../audit/seal-codes.js';
import { type Batch, isBatchLine, parseBatch } from './batch.js';
import { seenName } from './journal-place.js';

/** The journal is not as the servers wrote it, or it does not cover the time since the backup. */
export class JournalUnusable extends Error {
  override readonly name = 'JournalUnusable';
}

/** A batch whose signature and entries were verified, and where its entries are. */
export interface FoundBatch extends Batch {
  readonly file: string;
  /** The place of its entries in the file, in bytes. */
  readonly start: number;
  readonly end: number;
}

export interface Journal {
  /** From the earliest to the latest. */
  readonly batches: readonly FoundBatch[];
  /** The last time in microseconds at which a server saw the database. */
  readonly lastSeen: bigint;
  /**
   * The position of the journal that a server found in the database when it last wrote the file `seen`. A batch is written
   * to the journal before its position is written to the database, so a complete journal reaches this position, even if
   * a clock was set back. 0: an earlier release wrote that file.
   */
  readonly lastPosition: bigint;
}

/**
 * Reads all files of a journal, and verifies every batch.
 * @throws JournalUnusable when a file was changed, or a directory has no journal or no readable file `seen`
 */
export async function readJournal(directories: readonly string[], keys: AuditKeys): Promise<Journal> {
  const batches: FoundBatch[] = [];
  let [lastSeen, lastPosition] = [0n, 0n];
  for (const directory of directories) {
    const names = (await readdir(directory)).filter((name) => /^journal-.*\.jsonl$/.test(name));
    if (names.length === 0) throw new JournalUnusable(`There is no journal in ${directory}.`);
    for (const name of names) batches.push(...(await readFileOf(path.join(directory, name), keys)));
    const seen = await readSeen(path.join(directory, seenName));
    if (seen.time > lastSeen) lastSeen = seen.time;
    if (seen.position > lastPosition) lastPosition = seen.position;
  }
  const sorted = batches.toSorted((one, other) => (one.to < other.to ? -1 : one.to > other.to ? 1 : 0));
  return { batches: sorted, lastSeen, lastPosition };
}

/** The entries of a batch, as they are in the file. */
export async function readEntries({ file, start, end }: FoundBatch): Promise<readonly string[]> {
  if (start === end) return [];
  const lines: string[] = [];
  for await (const line of readLines(file, { start, end: end - 1 })) lines.push(line);
  return lines;
}

async function readFileOf(file: string, keys: AuditKeys): Promise<readonly FoundBatch[]> {
  const batches: FoundBatch[] = [];
  let digest = createHash('sha256');
  let [entries, start, end] = [0, 0, 0];
  for await (const line of readLines(file)) {
    const length = Buffer.byteLength(line) + 1;
    if (isBatchLine(line)) {
      const batch = parseBatch(keys, line);
      if (batch?.entries !== entries || batch.digest !== digest.digest('hex'))
        throw new JournalUnusable(`${file} was changed: the batch at byte ${start} is not as a server wrote it.`);
      batches.push({ ...batch, file, start, end });
      digest = createHash('sha256');
      entries = 0;
      start = end + length;
    } else {
      digest.update(`${line}\n`);
      entries += 1;
    }
    end += length;
  }
  // entries without a batch line after them: the server was interrupted, and another one wrote them again
  return batches;
}

/**
 * Lists the lines that end with a line feed, without the line feed. Clients choose some of the text of an entry, so it
 * can contain other line separators, such as U+2028. These do not end a line here. A last line without a line
 * feed is left out, because the server was interrupted while it wrote that line.
 */
async function* readLines(
  file: string,
  part: { readonly start?: number; readonly end?: number } = {},
): AsyncGenerator<string> {
  let begun = '';
  for await (const text of createReadStream(file, { ...part, encoding: 'utf8' }) as AsyncIterable<string>) {
    const lines = `${begun}${text}`.split('\n');
    begun = lines.pop() ?? '';
    yield* lines;
  }
}

async function readSeen(file: string): Promise<{ readonly time: bigint; readonly position: bigint }> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (isError(error) && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  });
  const [, seen, position = '0'] = /^(\d{1,18})(?: (\d{1,18}))?\n$/.exec(text) ?? [];
  if (seen === undefined)
    throw new JournalUnusable(`${file} is missing or unreadable, so it is unknown whether the journal is complete.`);
  return { time: BigInt(seen), position: BigInt(position) };
}
