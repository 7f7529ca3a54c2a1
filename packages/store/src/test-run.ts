import { appendFileSync } from 'node:fs';

/** Whether this is the long run, `npm run test:faults`; `npm test` has a taste of everything. */
export const isLong = process.env['FAULTS'] === 'long';

/** How much of something a run does. */
export function scale(quick: number, long: number): number {
  return isLong ? long : quick;
}

/** Of everything that is chosen at random; printed with every result. FAULTS_SEED repeats a run. */
export const seed = Number(process.env['FAULTS_SEED'] ?? Date.now() % 1_000_000);

/** The PostgreSQL of the whole run, and the migrated database that test files copy. SECRET: the URL holds a password. */
export const runDatabase = {
  serverUrl: process.env['TEST_DATABASE_URL'],
  template: process.env['TEST_DATABASE_TEMPLATE'],
};

/** One row of the table in docs/reliability.md. */
export interface Result {
  /** As in the fault matrix. */
  readonly row: string;
  readonly fault: string;
  readonly faults: number;
  readonly requests: number;
  readonly violations: readonly string[];
  /** What else there is to know. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Prints what was done and what came of it; FAULTS_REPORT names a file that collects the lines of a run. */
export function tell({ violations, ...result }: Result): void {
  const line = JSON.stringify({ ...result, violations: violations.length, run: isLong ? 'long' : 'quick', seed });
  console.info(line);
  const report = process.env['FAULTS_REPORT'];
  if (report !== undefined) appendFileSync(report, `${line}\n`);
}
