import { pino } from 'pino';

/** Where a server's log lines go. */
export interface LogOutput {
  readonly write: (line: string) => void;
}

/** A write for each line would cost more than all else that is done for it. */
const gatherMilliseconds = 20;
const maxPieceCharacters = 16_384;
/** What a reader that is slow may leave waiting; what comes on top is dropped. */
const maxWaitingBytes = 16_777_216;

/**
 * Standard output, written in pieces and without waiting: a disk that is busy syncing, or a reader that is slow, must
 * not hold up every request. A crash of ours loses nothing of it, a `kill -9` the last moment. While it cannot be
 * written to, as on a full disk, requests go on, and their lines wait or are dropped.
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
  // Before the library's own: its last write to what cannot be written to would never end.
  process.prependListener('exit', () => {
    if (isFailing) return output.destroy();
    output.flushSync();
    // What it is given now it would begin to write by itself, and write again here.
    const last = pino.destination({ dest: 1, sync: true });
    for (const piece of takePieces()) last.write(piece);
  });
  return {
    write: (line) => {
      if (lines.push(line) === 1) setTimeout(writeGathered, gatherMilliseconds);
    },
  };
}
