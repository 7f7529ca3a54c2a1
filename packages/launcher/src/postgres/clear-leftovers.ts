import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findOwner } from './find-owner.js';

/** The signals in the order in which they are sent, each more forceful than the last, with the milliseconds to wait. */
const signals = [
  ['SIGINT', 8000],
  ['SIGQUIT', 5000],
  ['SIGKILL', 2000],
] as const;

/**
 * Stops a PostgreSQL that still runs although its launcher was killed, and removes a stale postmaster.pid. If it cannot
 * find out which program has the process id of that file, it does nothing. Call it only while holding the lock of the
 * data directory.
 */
export async function clearLeftovers(cluster: string, log: (line: string) => void, find = findOwner): Promise<void> {
  const pidFile = path.join(cluster, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  const owner = pid > 1 ? find(cluster, pid) : 'other';
  if (owner === 'unknown') {
    log(`${pidFile} names process ${pid}, which may be a PostgreSQL or another program; it is not stopped`);
    return;
  }
  if (owner === 'server') {
    log(`stopping a PostgreSQL (process ${pid}) left over from an earlier run`);
    for (const [signal, waitMilliseconds] of signals) {
      if (find(cluster, pid) !== 'server') break;
      process.kill(pid, signal);
      const end = Date.now() + waitMilliseconds;
      while (find(cluster, pid) === 'server' && Date.now() < end) await sleep(50);
    }
    if (find(cluster, pid) === 'server') throw new Error(`PostgreSQL process ${pid} does not stop`);
  }
  rmSync(pidFile, { force: true }); // if a process has this id now, it is not our server
}
