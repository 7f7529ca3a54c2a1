import { spawnSync } from 'node:child_process';

/** Which core a part of the measurement has; the same one twice where the machine has no more. */
export interface Placement {
  /** All but the proxies: load generator, upstream, database. */
  readonly others: number;
  readonly proxy: number;
  readonly secondProxy: number;
  /** What makes the figures worth less than they could be, for the reader. */
  readonly caveat: string | undefined;
}

let canPin = false;

/** Finds the cores that we may use, and stays on the first; what is started from here on stays there too. */
export function takePlaces(): Placement {
  const cores = listCores();
  const [others, proxy, secondProxy] = cores;
  if (others === undefined)
    return { others: 0, proxy: 0, secondProxy: 0, caveat: 'nothing is pinned to a core: there is no taskset here' };
  canPin = true;
  pin(process.pid, others);
  if (proxy === undefined)
    return { others, proxy: others, secondProxy: others, caveat: 'everything shares the one core that there is' };
  return { others, proxy, secondProxy: secondProxy ?? others, caveat: undefined };
}

/** The command that runs a program on one core from its first instruction on. */
export function pinned(
  core: number,
  program: string,
  programArguments: readonly string[],
): readonly [string, string[]] {
  if (!canPin) return [program, [...programArguments]];
  return ['taskset', ['-c', String(core), program, ...programArguments]];
}

/** Keeps a running process, with all its threads and what it will start, on one core. */
export function pin(pid: number, core: number): void {
  if (!canPin) return;
  const { status, stderr } = spawnSync('taskset', ['-a', '-c', '-p', String(core), String(pid)], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`process ${pid} could not be pinned to core ${core}: ${stderr}`);
}

function listCores(): readonly number[] {
  const { status, stdout } = spawnSync('taskset', ['-c', '-p', String(process.pid)], { encoding: 'utf8' });
  if (status !== 0) return [];
  const list = stdout.slice(stdout.lastIndexOf(':') + 1).trim();
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
