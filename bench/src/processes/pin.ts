import { spawnSync } from 'node:child_process';

/** The processor core of each part of the measurement. Parts share a core on a machine that has too few cores. */
export interface Placement {
  /** The core of everything except the proxies: load generator, upstream, database. */
  readonly others: number;
  readonly proxy: number;
  readonly secondProxy: number;
  /** A text for the report, which says why the figures are less reliable on this machine. */
  readonly caveat: string | undefined;
}

let canPin = false;

/**
 * Finds the cores that we may use, and pins this process to the first one. The processes that this process starts later
 * run on the same core, unless they are pinned to another one.
 */
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

/** Builds the command that runs a program on one core from its first instruction on. */
export function pinned(
  core: number,
  program: string,
  programArguments: readonly string[],
): readonly [string, string[]] {
  if (!canPin) return [program, [...programArguments]];
  return ['taskset', ['-c', String(core), program, ...programArguments]];
}

/** Pins a running process to one core, with all its threads and everything that it will start. */
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
