import { setTimeout as sleep } from 'node:timers/promises';

/** The minimum number of checks. A process that gets no CPU time may pass the deadline between two checks. */
const minLooks = 20;
/** The pauses grow, because a check may be a request, and many of them would occupy a core. */
const [firstPauseMilliseconds, maxPauseMilliseconds] = [2, 20];

/**
 * Waits until a condition holds.
 * @throws after a timeout: five seconds, unless the test gives another
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
  throw new Error(`did not happen in ${withinMilliseconds / 1000} seconds: ${what}`);
}
