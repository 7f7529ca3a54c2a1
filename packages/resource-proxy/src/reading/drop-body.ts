import type { IncomingMessage } from 'node:http';
import { freeChunk } from '../free-bytes.js';
import { SmallChunkCount } from './small-chunk-count.js';

/** The time for which a client may continue to send a refused body, so that it can read the refusal. */
const lingerMilliseconds = 2_000;

/** Reads and discards the rest of a body. `onDone` is called once, when the body has ended or the time is over. */
export function dropBody(request: IncomingMessage, onDone: () => void): void {
  // A client that sends tiny chunks has already been answered, so the rest is not read.
  const smallChunks = new SmallChunkCount(0);
  let isDone = false;
  const finish = () => {
    if (isDone) return;
    isDone = true;
    clearTimeout(timer);
    onDone();
  };
  const timer = setTimeout(finish, lingerMilliseconds);
  const drop = (chunk: Buffer) => {
    if (smallChunks.isTooMany(chunk)) finish();
    freeChunk(chunk);
  };
  request.once('end', finish).once('close', finish).on('data', drop).resume();
}
