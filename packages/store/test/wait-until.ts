import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for something that happens soon. @throws when it has not happened in time */
export async function waitUntil(isSo: () => boolean | Promise<boolean>, milliseconds = 15_000): Promise<void> {
  for (const end = performance.now() + milliseconds; !(await isSo()); await sleep(20))
    if (performance.now() > end) throw new Error(`it did not come true in time: ${String(isSo)}`);
}
