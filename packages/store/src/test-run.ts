import { appendFileSync } from 'node:fs';

/** Whether this is the long run, `npm run test:faults`. `npm test` runs a small part of each test. */
export const isLong = process.env['FAULTS'] === 'long';

/** @returns the size of a test in this run: `long` in the long run, and `quick` otherwise */
export function scale(quick: number, long: number): number {
  return isLong ? long : quick;
}

/** The seed of all random choices. It is printed with every result. Set FAULTS_SEED to repeat a run. */
export const seed = Number(process.env['FAULTS_SEED'] ?? Date.now() % 1_000_000);

/**
 * The PostgreSQL of the whole run, and the migrated database that test files copy. SECRET: the URL contains a password.
 */
export const runDatabase = {
  serverUrl: process.env['TEST_DATABASE_URL'],
  template: process.env['TEST_DATABASE_TEMPLATE'],
};

/** One row of the table in docs/reliability.md. */
export interface Result {
  /** The number or name in the column `row`. */
  readonly row: string;
  readonly fault: string;
  readonly faults: number;
  readonly requests: number;
  readonly violations: readonly string[];
  /** Other measured values, by their names. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Prints a result as one line. FAULTS_REPORT names a file that collects the lines of a run. */
export function reportResult({ violations, ...result }: Result): void {
  const line = JSON.stringify({ ...result, violations: violations.length, run: isLong ? 'long' : 'quick', seed });
  console.info(line);
  const report = process.env['FAULTS_REPORT'];
  if (report !== undefined) appendFileSync(report, `${line}\n`);
}
