import type { IncomingMessage } from 'node:http';
import { freeChunk } from '../free-bytes.js';
import { CrumbCount } from './crumb-count.js';

/** How long, and no longer, a client may go on sending a body that is not wanted, so that it gets to read why. */
const lingerMilliseconds = 2_000;

/** Reads on what a client still sends, and keeps nothing of it. `onDone` is called once: it has ended, or is waited for no longer. */
export function dropBody(request: IncomingMessage, onDone: () => void): void {
  const crumbs = new CrumbCount();
  let isDone = false;
  const finish = () => {
    if (isDone) return;
    isDone = true;
    clearTimeout(timer);
    onDone();
  };
  const timer = setTimeout(finish, lingerMilliseconds);
  const drop = (chunk: Buffer) => {
    if (crumbs.isTooMany(chunk)) finish();
    freeChunk(chunk);
  };
  request.once('end', finish).once('close', finish).on('data', drop).resume();
}
