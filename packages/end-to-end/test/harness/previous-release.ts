import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../../../', import.meta.url));

/** Whether the previous release can be checked out. It cannot in an unpacked archive, which has no git history. */
export const hasHistory = existsSync(path.join(root, '.git'));

/**
 * Checks out and compiles the previous release, unless an earlier run did.
 *
 * @returns the directory of the compiled checkout
 * @throws an Error that says why it is not available
 */
export function preparePreviousRelease(): string {
  const script = path.join(root, 'scripts/prepare-previous-release.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
  if (status !== 0 || stdout === '') throw new Error(`the previous release is not available:\n${stderr}`);
  return stdout.trim();
}
