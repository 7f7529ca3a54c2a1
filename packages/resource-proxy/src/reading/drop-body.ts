import type { IncomingMessage } from 'node:http';
import { freeChunk } from '../free-bytes.js';
import { SmallChunkCount } from './small-chunk-count.js';

/** The time for which a client may continue to send a refused body, so that it can read the refusal. */
const refusedBodyMilliseconds = 2_000;

/**
 * Discards the rest of a body. Calls `onDone` once: when the body or the connection has ended, when the client sends
 * tiny chunks, or after `refusedBodyMilliseconds`.
 */
export function dropBody(request: IncomingMessage, onDone: () => void): void {
  // A body that is read may begin with tiny chunks. This one may not, because its client already has an answer.
  const smallChunks = new SmallChunkCount(0);
  let isDone = false;
  const finish = () => {
    if (isDone) return;
    isDone = true;
    clearTimeout(timer);
    onDone();
  };
  const timer = setTimeout(finish, refusedBodyMilliseconds);
  const drop = (chunk: Buffer) => {
    if (smallChunks.isTooMany(chunk)) finish();
    freeChunk(chunk);
  };
  request.once('end', finish).once('close', finish).on('data', drop).resume();
}
