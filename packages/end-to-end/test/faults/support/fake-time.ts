import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * The environment variables that give a program another time than the rest of the machine.
 *
 * @param offset in the format of `faketime -f`, for instance `-10m`
 * @returns undefined when faketime is not installed (Debian has it as `faketime`)
 */
export function fakeTime(offset: string): Readonly<Record<string, string>> | undefined {
  const { status, stdout } = spawnSync('faketime', ['-f', offset, 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' });
  return status === 0 ? { LD_PRELOAD: stdout.trim(), FAKETIME: offset } : undefined;
}

/** A clock that can jump while a program runs, and the environment variables that set it. */
export interface JumpingClock {
  readonly environment: Readonly<Record<string, string>>;
  /** @param offset in the format of `faketime -f` */
  readonly jump: (offset: string) => void;
  readonly remove: () => void;
}

/** @returns undefined when faketime is not installed */
export function createJumpingClock(): JumpingClock | undefined {
  const preload = fakeTime('+0');
  if (preload?.['LD_PRELOAD'] === undefined) return undefined;
  const directory = mkdtempSync(path.join(tmpdir(), 'aipassport-clock-'));
  const file = path.join(directory, 'offset');
  const jump = (offset: string) => {
    // The file is renamed, so that a program never reads half of it. The program may run as another user.
    writeFileSync(`${file}.new`, `${offset}\n`, { mode: 0o644 });
    renameSync(`${file}.new`, file);
  };
  chmodSync(directory, 0o755);
  jump('+0');
  return {
    environment: {
      LD_PRELOAD: preload['LD_PRELOAD'],
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      // change the date only, and not the monotonic clock
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
    jump,
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
