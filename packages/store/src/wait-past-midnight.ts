import { setTimeout as sleep } from 'node:timers/promises';

const dayMilliseconds = 86_400_000;
const neededMilliseconds = 30_000;

/**
 * Waits until midnight in UTC has passed, if it is less than half a minute away. Call it in tests that spend money and
 * then read the sum of a day or month, so that the day does not end between the two.
 */
export async function waitPastMidnight(): Promise<void> {
  for (;;) {
    const left = dayMilliseconds - (Date.now() % dayMilliseconds);
    if (left > neededMilliseconds) return;
    await sleep(left);
  }
}
