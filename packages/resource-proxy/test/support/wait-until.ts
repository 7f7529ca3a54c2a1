import { setTimeout as sleep } from 'node:timers/promises';

/** Of a process that gets no time, five seconds may pass between two looks. */
const minLooks = 50;

/** Waits for what happens elsewhere, in small steps; fails with `what` after twenty seconds. */
export async function waitUntil(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + 20_000;
  for (let looks = 0; looks < minLooks || Date.now() < end; looks += 1) {
    if (await condition()) return;
    await sleep(5);
  }
  throw new Error(`did not happen: ${what}`);
}
