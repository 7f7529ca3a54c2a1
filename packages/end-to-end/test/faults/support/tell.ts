import { appendFileSync } from 'node:fs';
import { isLong, seed } from './scale.js';

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
