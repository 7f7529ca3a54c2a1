import { it } from '@jest/globals';

/** Whether this is the long run, `npm run test:faults`; `npm test` has a taste of every fault. */
export const isLong = process.env['FAULTS'] === 'long';

/** How much of something a run does. */
export function scale(quick: number, long: number): number {
  return isLong ? long : quick;
}

/** What a test of this size may take: jest's own limit is for tests that are quick. */
export const timeoutMilliseconds = scale(60_000, 1_800_000);

/** Of everything that is chosen at random; printed with every result. */
export const seed = Number(process.env['FAULTS_SEED'] ?? Date.now() % 1_000_000);

/** For tests that look at processes by way of /proc, or limit them with prlimit. */
export const itOnLinux: typeof it.skip = process.platform === 'linux' ? it : it.skip;
