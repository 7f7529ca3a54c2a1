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
  /** The number of full logs that are kept, as `<log>.1` (the newest) and so on. */
  readonly keptFiles: number;
}

/** With these bounds, the logs of one program use at most about 40 MB, including the log of the previous run. */
const startBounds: LogBounds = { maxBytes: 10_000_000, keptFiles: 2 };
const lookEveryMilliseconds = 5_000;

/**
 * Keeps logs from filling the disk that the database is on.
 *
 * @returns a function that stops this
 */
export function boundLogs(files: readonly string[], bounds: LogBounds = startBounds): () => void {
  const timer = setInterval(() => {
    for (const file of files) rotateLog(file, bounds);
  }, lookEveryMilliseconds);
  timer.unref();
  return () => clearInterval(timer);
}

/**
 * Copies a full log to another file and truncates it in place, so that the program can keep writing to the file that it
 * has opened. The program must have opened it for appending. A line that is written during the copy may be lost. Each
 * rotation overwrites the oldest copy. On a full disk the copy can fail. The log is truncated nevertheless, because the
 * database on the same disk needs the room more than an operator needs old lines. The emptied log then says that lines
 * were lost, and how large the log was.
 */
export function rotateLog(file: string, { maxBytes, keptFiles }: LogBounds): void {
  const bytes = sizeOf(file);
  if (bytes <= maxBytes) return;
  for (let number = keptFiles - 1; number >= 1; number--)
    attempt(() => renameSync(`${file}.${number}`, `${file}.${number + 1}`));
  const isCopied = attempt(() => {
    copyFileSync(file, `${file}.1`);
    appendRest(file, `${file}.1`);
  });
  attempt(() => truncateSync(file));
  if (isCopied) return;
  const lost = { level: 'error', event: 'log_lines_lost', bytes };
  attempt(() => appendFileSync(file, `${JSON.stringify(lost)}\n`));
}

/** Appends the lines that the program wrote while its log was copied. */
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

/**
 * Does one step. Its failure is not thrown, because a problem with a log must not stop the programs.
 * @returns false when the step failed: the older copy does not exist yet, or the disk is full
 */
function attempt(step: () => void): boolean {
  try {
    step();
    return true;
  } catch {
    return false;
  }
}
