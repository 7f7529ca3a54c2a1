import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../../../', import.meta.url));

/** An unpacked archive has no history to take another release from; every clone has. */
export const hasHistory = existsSync(path.join(root, '.git'));

/**
 * Makes the previous release ready to run, unless it is.
 *
 * @returns its directory, a checkout with everything compiled
 * @throws Error which says why it cannot be had
 */
export function preparePreviousRelease(): string {
  const script = path.join(root, 'scripts/prepare-previous-release.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
  if (status !== 0 || stdout === '') throw new Error(`the previous release cannot be had:\n${stderr}`);
  return stdout.trim();
}
