import { spawnSync } from 'node:child_process';

/**
 * The environment in which a program has another time than the rest of the machine.
 *
 * @param offset as `faketime -f` takes it, for instance `-10m`
 * @returns undefined when faketime is not installed (Debian has it as `faketime`)
 */
export function fakeTime(offset: string): Readonly<Record<string, string>> | undefined {
  const { status, stdout } = spawnSync('faketime', ['-f', offset, 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' });
  return status === 0 ? { LD_PRELOAD: stdout.trim(), FAKETIME: offset } : undefined;
}
