import { existsSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The signals in the order in which they are sent, each more forceful than the last, with the milliseconds to wait. */
const signals = [
  ['SIGINT', 8000],
  ['SIGQUIT', 5000],
  ['SIGKILL', 2000],
] as const;

/**
 * Stops a PostgreSQL that still runs although its launcher was killed, and removes a stale postmaster.pid. Call it only
 * while holding the lock of the data directory.
 */
export async function clearLeftovers(cluster: string, log: (line: string) => void): Promise<void> {
  const pidFile = path.join(cluster, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  if (runsIn(cluster, pid)) {
    log(`stopping a PostgreSQL (process ${pid}) left over from an earlier run`);
    for (const [signal, waitMilliseconds] of signals) {
      if (!runsIn(cluster, pid)) break;
      process.kill(pid, signal);
      const end = Date.now() + waitMilliseconds;
      while (runsIn(cluster, pid) && Date.now() < end) await sleep(50);
    }
    if (runsIn(cluster, pid)) throw new Error(`PostgreSQL process ${pid} does not stop`);
  }
  rmSync(pidFile, { force: true }); // if a process has this number now, it is not our server
}

/**
 * Whether a process is a PostgreSQL of this cluster. Process numbers are reused, and `kill -0` succeeds for a zombie
 * too. So on Linux this compares the working directory of the process, which /proc shows, with the cluster.
 */
function runsIn(cluster: string, pid: number): boolean {
  if (!(pid > 1)) return false;
  try {
    if (process.platform === 'linux') return realpathSync(cluster) === readlinkSync(`/proc/${pid}/cwd`);
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
