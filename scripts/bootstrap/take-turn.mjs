import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { StepFailure } from './run-step.mjs';
import { root } from './surroundings.mjs';

const patienceMilliseconds = 10 * 60_000;

/**
 * Waits until no other set-up of this checkout is running.
 *
 * The turn is a socket in Linux's abstract namespace. The kernel removes it when the process ends. Other systems have
 * no such sockets, so several set-ups may run at the same time there.
 *
 * @returns a function that ends the turn
 */
export async function takeTurn() {
  if (process.platform !== 'linux') return () => {};
  const address = `\0aipassport-setup-${createHash('sha256').update(root).digest('hex').slice(0, 32)}`;
  for (const end = Date.now() + patienceMilliseconds; Date.now() < end; await sleep(250)) {
    const server = createServer().unref(); // so that a set-up that failed can exit without ending its turn
    const error = await new Promise((resolve) => {
      server.once('error', resolve);
      server.listen(address, () => resolve(undefined));
    });
    if (error === undefined) return () => server.close();
    if (error.code !== 'EADDRINUSE') throw error;
    if (end - Date.now() > patienceMilliseconds - 250) console.error('Waiting for another set-up of this checkout ...');
  }
  throw new StepFailure('Another set-up of this checkout has been running for 10 minutes; stop it and try again.');
}
