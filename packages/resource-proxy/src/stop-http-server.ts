import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveRequests } from './revocation/live-requests.js';

/**
 * Takes no more connections, gives what is being answered a bounded time, then cuts what is left, so that its
 * client is told and its upstream hung up on.
 */
export async function stopHttpServer(
  server: Server,
  liveRequests: LiveRequests,
  graceMilliseconds: number,
): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // A connection that is kept alive becomes idle with the end of its last answer.
  const closing = setInterval(() => server.closeIdleConnections(), idleCheckMilliseconds);
  try {
    await stopWithin(server, closed, { liveRequests, graceMilliseconds });
  } finally {
    clearInterval(closing);
  }
  await cutDrains(liveRequests);
}

/** What is read on for clients that have left has no connection here, nor has what waits for the database. */
async function cutDrains(liveRequests: LiveRequests): Promise<void> {
  liveRequests.cutAll('stopping');
  // Until each has noted what it is charged.
  for (const end = performance.now() + admissionMilliseconds; liveRequests.size > 0 && performance.now() < end; )
    await sleep(5);
}

/**
 * As long as the admission of a request takes at most: its batch's turn, and the statement. One that is admitted and not
 * noted here as not sent would be charged in full.
 */
const admissionMilliseconds = 2_500;

const idleCheckMilliseconds = 25;

interface Stopping {
  readonly liveRequests: LiveRequests;
  readonly graceMilliseconds: number;
}

async function stopWithin(server: Server, closed: Promise<void>, stopping: Stopping): Promise<void> {
  const { liveRequests, graceMilliseconds } = stopping;
  if (await within(closed, graceMilliseconds)) return;
  liveRequests.cutAll('stopping');
  // Time for a last event to leave, and for what was never counted to be given back.
  if (await within(closed, lastMilliseconds)) return;
  server.closeAllConnections();
  await closed;
}

const lastMilliseconds = 250;

async function within(promise: Promise<void>, milliseconds: number): Promise<boolean> {
  const timer = new AbortController();
  const isDone = await Promise.race([
    promise.then(() => true),
    sleep(milliseconds, false, { signal: timer.signal }).catch(() => false),
  ]);
  timer.abort();
  return isDone;
}
