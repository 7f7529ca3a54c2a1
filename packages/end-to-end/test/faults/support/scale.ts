import { scale } from '@aipassport/store/testing';
import { it } from '@jest/globals';

export { isLong, scale, seed } from '@aipassport/store/testing';

/** What a test of this size may take: jest's own limit is for tests that are quick. */
export const timeoutMilliseconds = scale(60_000, 1_800_000);

/** For tests that look at processes by way of /proc, or limit them with prlimit. */
export const itOnLinux: typeof it.skip = process.platform === 'linux' ? it : it.skip;

/**
 * A bound on time, for a machine that does nothing else. In `npm test`, where the machine may be busy with other things,
 * it is as much longer as still tells a fault that is dealt with from one that is waited out.
 */
export function bound(milliseconds: number, busyMilliseconds: number): number {
  return scale(busyMilliseconds, milliseconds);
}
