import { type DestinationStream, type Logger, pino } from 'pino';

/**
 * JSON lines with a stable `event`. Nothing that is secret is ever given to it, and of an error only its own words: one
 * line is written for every request, and to look for secrets in each by name costs more than the line itself.
 */
export function createLog(level: string, destination?: { readonly write: (line: string) => void }): Logger {
  const options = {
    level,
    base: { program: 'resource-proxy' },
    timestamp: () => `,"at":"${new Date().toISOString()}"`,
    messageKey: 'message',
    serializers: { err: describeError },
  };
  return pino(options, destination ?? openOutput());
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
function openOutput(): DestinationStream {
  const output = pino.destination({ dest: 1, sync: false, maxLength: maxWaitingBytes });
  let isFailing = false;
  output.on('error', () => (isFailing = true));
  output.on('write', () => (isFailing = false));
  let lines: string[] = [];
  const writeGathered = () => {
    let piece = '';
    for (const line of lines) {
      if (piece.length + line.length > maxPieceCharacters) {
        output.write(piece);
        piece = '';
      }
      piece += line;
    }
    output.write(piece);
    lines = [];
  };
  // Before the library's own: its last write to what cannot be written to would never end.
  process.prependListener('exit', () => {
    if (isFailing) return output.destroy();
    writeGathered();
    return output.flushSync();
  });
  return {
    write: (line) => {
      if (lines.push(line) === 1) setTimeout(writeGathered, gatherMilliseconds);
    },
  };
}

/** An error's own words and where it arose. Libraries hang whole connections and requests on theirs: those stay out. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  return {
    type: error.name,
    code: 'code' in error ? String(error.code) : undefined,
    message: error.message,
    stack: error.stack,
    cause: error.cause === undefined ? undefined : describeError(error.cause),
  };
}
