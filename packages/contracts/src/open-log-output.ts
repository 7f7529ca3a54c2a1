import { pino } from 'pino';

/** Where a server's log lines go. */
export interface LogOutput {
  readonly write: (line: string) => void;
}

/**
 * Lines are collected for this long and then written together. A write for each line would take more time than all
 * other work for the line.
 */
const gatherMilliseconds = 20;
const maxPieceCharacters = 16_384;
/** The limit for output that waits for a slow reader. Further lines are dropped. */
const maxWaitingBytes = 16_777_216;

/**
 * Writes to standard output in pieces, asynchronously. A disk that is busy syncing, or a slow reader, must not delay
 * requests. An uncaught error loses no lines. A `kill -9`, or memory that runs out, loses the lines that are not
 * written yet. While writing fails, as on a full disk, requests continue, and their lines wait or are dropped.
 */
export function openLogOutput(): LogOutput {
  const output = pino.destination({ dest: 1, sync: false, maxLength: maxWaitingBytes });
  let isFailing = false;
  output.on('error', () => (isFailing = true));
  output.on('write', () => (isFailing = false));
  let lines: string[] = [];
  const takePieces = () => {
    const pieces = [''];
    for (const line of lines) {
      const last = pieces.length - 1;
      if ((pieces[last]?.length ?? 0) + line.length > maxPieceCharacters) pieces.push(line);
      else pieces[last] += line;
    }
    lines = [];
    return pieces;
  };
  const writeGathered = () => {
    for (const piece of takePieces()) output.write(piece);
  };
  // This runs before the library's own exit handler. That handler's last write would never return if the output fails.
  process.prependListener('exit', () => {
    if (isFailing) return output.destroy();
    output.flushSync();
    // Use a second output: the first would also write these pieces asynchronously, so they would be written twice.
    const last = pino.destination({ dest: 1, sync: true });
    for (const piece of takePieces()) last.write(piece);
  });
  return {
    write: (line) => {
      if (lines.push(line) === 1) setTimeout(writeGathered, gatherMilliseconds);
    },
  };
}
