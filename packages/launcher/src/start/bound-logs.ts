import {
  appendFileSync,
  closeSync,
  copyFileSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  truncateSync,
} from 'node:fs';

export interface LogBounds {
  readonly maxBytes: number;
  /** How many full ones are kept beside a log, as `<log>.1`, the newest, and so on. */
  readonly keptFiles: number;
}

/** With the log of the run before: 40 MB for each program. */
const startBounds: LogBounds = { maxBytes: 10_000_000, keptFiles: 2 };
const lookEveryMilliseconds = 5_000;

/**
 * Keeps logs from filling the disk that the database is on.
 * @returns a function that ends it
 */
export function boundLogs(files: readonly string[], bounds: LogBounds = startBounds): () => void {
  const timer = setInterval(() => {
    for (const file of files) rotateLog(file, bounds);
  }, lookEveryMilliseconds);
  timer.unref();
  return () => clearInterval(timer);
}

/**
 * Puts a log that is full aside, and empties it in its place: a program goes on writing to the file that it has opened,
 * and needs no other between itself and the disk. It has to have been opened for appending. Of what is written within
 * the last microseconds a line may be lost. On a full disk, what is old goes.
 */
export function rotateLog(file: string, { maxBytes, keptFiles }: LogBounds): void {
  if (sizeOf(file) <= maxBytes) return;
  for (let number = keptFiles - 1; number >= 1; number--)
    attempt(() => renameSync(`${file}.${number}`, `${file}.${number + 1}`));
  attempt(() => {
    copyFileSync(file, `${file}.1`);
    appendRest(file, `${file}.1`);
  });
  attempt(() => truncateSync(file));
}

/** What was written while the file was copied. */
function appendRest(from: string, to: string): void {
  const copied = sizeOf(to);
  const rest = Buffer.alloc(Math.max(0, sizeOf(from) - copied));
  const source = openSync(from, 'r');
  try {
    appendFileSync(to, rest.subarray(0, readSync(source, rest, 0, rest.length, copied)));
  } finally {
    closeSync(source);
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** A log is worth no more than this: what runs goes on without it. */
function attempt(step: () => void): void {
  try {
    step();
  } catch {
    // not there yet, or no room: the next look tries again
  }
}
