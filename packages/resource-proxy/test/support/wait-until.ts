import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for what happens elsewhere, in small steps; fails with `what` after five seconds. */
export async function waitUntil(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const end = Date.now() + 5_000; Date.now() < end; await sleep(5)) if (await condition()) return;
  throw new Error(`did not happen: ${what}`);
}
