import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits for something that happens soon, and looks often.
 * @throws when it has not happened after five seconds
 */
export async function waitUntil(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const end = performance.now() + 5_000; performance.now() < end; await sleep(2)) if (await isSo()) return;
  throw new Error(`after five seconds it is still not so that ${what}`);
}
