import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until a condition is true. @throws when it is not true in time */
export async function waitUntil(isSo: () => boolean | Promise<boolean>, milliseconds = 30_000): Promise<void> {
  for (const end = performance.now() + milliseconds; !(await isSo()); await sleep(50))
    if (performance.now() > end) throw new Error(`the condition did not become true in time: ${String(isSo)}`);
}
