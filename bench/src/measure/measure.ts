import type { Contender } from '../contenders/contender.js';
import type { LoadSummary } from '../load/closed-loop.js';
import { readCpuSeconds, readMachineCpuSeconds, readResidentMegabytes } from '../processes/process-usage.js';
import type { Rig } from '../rig/open-rig.js';

/** How the connections of a run behave. */
export interface Shape {
  readonly stream: boolean;
  readonly connections: number;
  readonly seconds: number;
  readonly requestsPerSecond?: number;
}

/** The figures of one round of one contender. */
export interface Sample extends LoadSummary {
  /** The contender's own CPU time for each request; undefined without /proc, or when there is no process to measure. */
  readonly cpuMicroseconds: number | undefined;
  readonly databaseCpuMicroseconds: number | undefined;
  /** The CPU time of the load generator and the upstream, for each request. */
  readonly surroundingsCpuMicroseconds: number | undefined;
  readonly residentMegabytes: number | undefined;
  /**
   * The number of cores that other programs kept busy during the round. If this number is not near zero, the figures
   * are unreliable.
   */
  readonly coresOfOthers: number | undefined;
}

export interface Measured {
  readonly rig: Pick<Rig, 'load' | 'upstream'>;
  /** The connections are spread over the contenders. Usually there is one contender. */
  readonly contenders: readonly Contender[];
  /** The process number of the database server. */
  readonly databasePid: number | undefined;
  readonly shape: Shape;
}

const warmUpSeconds = 0.5;

/** Measures one round. */
export async function measure({ rig, contenders, databasePid, shape }: Measured): Promise<Sample> {
  const pids = contenders.flatMap(({ pid }) => pid ?? []);
  const readUsage = () => ({
    own: readAll(pids, readCpuSeconds),
    database: readAll(databasePid === undefined ? [] : [databasePid], readCpuSeconds),
    surroundings: readAll([rig.load.pid, rig.upstream.pid], readCpuSeconds),
    machine: readMachineCpuSeconds(),
    at: performance.now() / 1000,
  });
  const before = readUsage();
  const targets = contenders.map(({ target }) => target);
  const summary = await rig.load.ask('run', { ...shape, targets, warmUpSeconds });
  const after = readUsage();
  const spent = (part: keyof typeof after) => {
    const [from, to] = [before[part], after[part]];
    return from === undefined || to === undefined ? undefined : to - from;
  };
  const perRequest = (part: keyof typeof after) => {
    const seconds = spent(part);
    return seconds === undefined ? undefined : (seconds / summary.answers) * 1e6;
  };
  const spentByUs = (spent('own') ?? 0) + (spent('database') ?? 0) + (spent('surroundings') ?? 0);
  const machine = spent('machine');
  return {
    ...summary,
    cpuMicroseconds: perRequest('own'),
    databaseCpuMicroseconds: perRequest('database'),
    surroundingsCpuMicroseconds: perRequest('surroundings'),
    residentMegabytes: readAll(pids, readResidentMegabytes),
    coresOfOthers: machine === undefined ? undefined : Math.max(0, machine - spentByUs) / (after.at - before.at),
  };
}

/** @returns the sum; undefined when there is nothing to add up */
function readAll(pids: readonly number[], read: (pid: number) => number | undefined): number | undefined {
  const values = pids.flatMap((pid) => read(pid) ?? []);
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
}
