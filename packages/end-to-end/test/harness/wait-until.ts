import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits for something that happens soon, and looks often.
 * @throws when it has not happened in time: five seconds, unless a test knows of a reason for more
 */
export async function waitUntil(
  isSo: () => boolean | Promise<boolean>,
  what: string,
  withinMilliseconds = 5_000,
): Promise<void> {
  for (const end = performance.now() + withinMilliseconds; performance.now() < end; await sleep(2))
    if (await isSo()) return;
  throw new Error(`after ${withinMilliseconds / 1000} seconds it is still not so that ${what}`);
}
