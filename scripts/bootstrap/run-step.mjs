import { spawnSync } from 'node:child_process';
import { root } from './surroundings.mjs';

/** A set-up step that failed. Only its message is shown. */
export class StepFailure extends Error {}

/** Runs one step quietly and says how long it took; its output is shown only when it fails. */
export function runStep(label, program, args, options) {
  process.stderr.write(`${label} ... `);
  const startedAt = performance.now();
  const result = spawnSync(program, args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28, ...options });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  if (result.status !== 0) {
    process.stderr.write(`failed after ${seconds} s\n`);
    const why = result.error?.message ?? (result.signal ? `the process was ended by ${result.signal}` : '');
    throw new StepFailure(`${result.stdout ?? ''}${result.stderr ?? ''}${why}\n${label}: this step failed.`);
  }
  process.stderr.write(`${seconds} s\n`);
}
