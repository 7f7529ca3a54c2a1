import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something is true. @throws when it is not true in time */
export async function waitUntil(isSo: () => boolean | Promise<boolean>, milliseconds = 15_000): Promise<void> {
  for (const end = performance.now() + milliseconds; !(await isSo()); await sleep(20))
    if (performance.now() > end) throw new Error(`the condition did not become true in time: ${String(isSo)}`);
}
