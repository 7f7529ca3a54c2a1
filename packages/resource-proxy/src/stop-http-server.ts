import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveRequests } from './revocation/live-requests.js';

/**
 * Stops a server. It accepts no more connections. Running answers have `graceMilliseconds` to end. Then the rest are
 * cut: their clients get an error, and their upstream connections are closed.
 */
export async function stopHttpServer(
  server: Server,
  liveRequests: LiveRequests,
  graceMilliseconds: number,
): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // A connection that is kept alive becomes idle when its last answer ends.
  const closing = setInterval(() => server.closeIdleConnections(), idleCheckMilliseconds);
  try {
    await stopWithin(server, closed, { liveRequests, graceMilliseconds });
  } finally {
    clearInterval(closing);
  }
  await cutDrains(liveRequests);
}

/**
 * Cuts the requests that continue after their connections have closed: requests whose answers are read although the
 * client has left, and requests that wait for the database.
 */
async function cutDrains(liveRequests: LiveRequests): Promise<void> {
  liveRequests.cutAll('stopping');
  // Wait until each of these requests has settled.
  for (const end = performance.now() + admissionMilliseconds; liveRequests.size > 0 && performance.now() < end; )
    await sleep(5);
}

/**
 * The maximum time of an admission: waiting for its batch, and the statement. If the process ended earlier, the
 * database could still admit a request that is never sent, and whose reservation is not released. The whole reservation
 * would be charged.
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
  // Give the requests time to send a last event, and to release reservations of requests that were not sent.
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
