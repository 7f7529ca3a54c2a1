import { existsSync, readFileSync } from 'node:fs';

/** Linux counts CPU time in ticks of 10 ms, on every architecture. */
const ticksPerSecond = 100;

/**
 * The CPU time of a process and of the processes that it started, in seconds.
 *
 * @returns undefined where there is no /proc
 */
export function readCpuSeconds(pid: number): number | undefined {
  const processes = listTree(pid);
  if (processes.length === 0) return undefined;
  return processes.reduce((sum, each) => sum + readOwnCpuSeconds(each), 0);
}

/**
 * The resident memory of a process and of the processes that it started, in megabytes (10^6 bytes). Shared pages count
 * once for each process.
 */
export function readResidentMegabytes(pid: number): number | undefined {
  const processes = listTree(pid);
  if (processes.length === 0) return undefined;
  return processes.reduce((sum, each) => sum + (readStatus(each, 'VmRSS') * 1024) / 1e6, 0);
}

/**
 * The CPU time of all programs on the machine since it was started, in seconds.
 *
 * @returns undefined where there is no /proc
 */
export function readMachineCpuSeconds(): number | undefined {
  const [line = ''] = readIfThere('/proc/stat').split('\n');
  // user, nice and system of proc_stat(5); the time of interrupts belongs to no program
  const [user, nice, system] = line.split(/ +/).slice(1).map(Number);
  return user === undefined || nice === undefined || system === undefined
    ? undefined
    : (user + nice + system) / ticksPerSecond;
}

function listTree(pid: number): readonly number[] {
  const children = `/proc/${pid}/task/${pid}/children`;
  if (!existsSync(children)) return existsSync(`/proc/${pid}/stat`) ? [pid] : [];
  const list = readFileSync(children, 'utf8').trim();
  return [pid, ...(list === '' ? [] : list.split(' ').flatMap((child) => listTree(Number(child))))];
}

/** The sum of utime, stime, cutime and cstime of proc_pid_stat(5). It includes the children that have ended. */
function readOwnCpuSeconds(pid: number): number {
  const stat = readIfThere(`/proc/${pid}/stat`);
  // The second field, which is the program's name in parentheses, may contain spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return ticks / ticksPerSecond;
}

function readStatus(pid: number, name: string): number {
  const line = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readIfThere(`/proc/${pid}/status`));
  return Number(line?.[1] ?? 0);
}

/** A process may end between being listed and being read. */
function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
