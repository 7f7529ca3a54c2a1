import { setTimeout as sleep } from 'node:timers/promises';

/** Of a process that gets no time, all that there is may pass between two looks. */
const minLooks = 20;
/** Often at first. Looks may be requests, so a long wait must not take a core. */
const [firstPauseMilliseconds, maxPauseMilliseconds] = [2, 20];

/**
 * Waits for something that happens soon.
 * @throws when it has not happened in time: five seconds, unless a test knows of a reason for more
 */
export async function waitUntil(
  isSo: () => boolean | Promise<boolean>,
  what: string,
  withinMilliseconds = 5_000,
): Promise<void> {
  const end = performance.now() + withinMilliseconds;
  for (let looks = 0; looks < minLooks || performance.now() < end; looks++) {
    if (await isSo()) return;
    await sleep(Math.min(firstPauseMilliseconds + looks, maxPauseMilliseconds));
  }
  throw new Error(`after ${withinMilliseconds / 1000} seconds it is still not so that ${what}`);
}
