import { setTimeout as sleep } from 'node:timers/promises';

/**
 * The condition is checked at least this often, because a busy machine may stop this process until the deadline has
 * passed.
 */
const minLooks = 50;

/** Checks a condition repeatedly until it holds. Fails with `what` after twenty seconds. */
export async function waitUntil(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + 20_000;
  for (let looks = 0; looks < minLooks || Date.now() < end; looks += 1) {
    if (await condition()) return;
    await sleep(5);
  }
  throw new Error(`did not happen: ${what}`);
}
