import { scale } from '@aipassport/store/testing';
import { it } from '@jest/globals';

export { isLong, scale, seed } from '@aipassport/store/testing';

/** The time limit of a fault test: jest's default is for quick tests. */
export const timeoutMilliseconds = scale(60_000, 1_800_000);

/** `it` for tests that need /proc or prlimit. */
export const itOnLinux: typeof it.skip = process.platform === 'linux' ? it : it.skip;

/**
 * A time bound for an idle machine. In `npm test` the machine may be busy, so the bound is longer, but still short
 * enough to show that the fault was handled and not waited out.
 */
export function bound(milliseconds: number, busyMilliseconds: number): number {
  return scale(busyMilliseconds, milliseconds);
}
