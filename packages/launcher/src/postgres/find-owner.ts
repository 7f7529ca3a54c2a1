import { spawnSync } from 'node:child_process';
import { readlinkSync, realpathSync } from 'node:fs';

/**
 * What a process id belongs to: `server` is the PostgreSQL of the cluster, `other` is another program or none.
 * `unknown` means that a process has this id, and that this system does not say which program it is.
 */
export type Owner = 'server' | 'other' | 'unknown';

/** For Linux: compares the working directory of the process, which /proc shows, with the cluster. */
function findOwnerByDirectory(cluster: string, pid: number): Owner {
  try {
    return realpathSync(cluster) === readlinkSync(`/proc/${pid}/cwd`) ? 'server' : 'other';
  } catch {
    return 'other';
  }
}

/** For systems without /proc: looks for the program and the cluster in the command line, which `ps` shows. */
export function findOwnerByCommand(cluster: string, pid: number): Owner {
  const options = { encoding: 'utf8', env: { PATH: '/bin:/usr/bin', LC_ALL: 'C' } } as const;
  const { error, status, stdout } = spawnSync('ps', ['-ww', '-o', 'args=', '-p', `${pid}`], options);
  if (error !== undefined || status !== 0) return isAlive(pid) ? 'unknown' : 'other';
  const [program = '', rest] = stdout.split(' -D ', 2);
  return program.trim().endsWith('/postgres') && `${rest?.trimEnd()} `.startsWith(`${cluster} `) ? 'server' : 'other';
}

/** Process ids are reused, and `kill -0` succeeds for a zombie too. So an id alone does not identify a process. */
export const findOwner = process.platform === 'linux' ? findOwnerByDirectory : findOwnerByCommand;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
