import type { Contender } from '../contenders/contender.js';
import type { LoadSummary } from '../load/closed-loop.js';
import { readCpuSeconds, readResidentMegabytes } from '../processes/process-usage.js';
import type { Rig } from '../rig/open-rig.js';

/** How the connections of a run behave. */
export interface Shape {
  readonly stream: boolean;
  readonly connections: number;
  readonly seconds: number;
  readonly requestsPerSecond?: number;
}

/** What one round of one contender brought. */
export interface Sample extends LoadSummary {
  /** Of the contender itself, for each request; undefined where /proc does not tell, or nothing is there to measure. */
  readonly cpuMicroseconds: number | undefined;
  readonly databaseCpuMicroseconds: number | undefined;
  /** Of the load generator and the upstream. */
  readonly surroundingsCpuMicroseconds: number | undefined;
  readonly residentMegabytes: number | undefined;
}

export interface Measured {
  readonly rig: Pick<Rig, 'load' | 'upstream'>;
  /** Connections are spread over them; usually one. */
  readonly contenders: readonly Contender[];
  /** Of the database server. */
  readonly databasePid: number | undefined;
  readonly shape: Shape;
}

const warmUpSeconds = 0.5;

/** Runs one round. */
export async function measure({ rig, contenders, databasePid, shape }: Measured): Promise<Sample> {
  const groups = {
    own: contenders.flatMap(({ pid }) => pid ?? []),
    database: databasePid === undefined ? [] : [databasePid],
    surroundings: [rig.load.pid, rig.upstream.pid],
  };
  const before = {
    own: readAll(groups.own, readCpuSeconds),
    database: readAll(groups.database, readCpuSeconds),
    surroundings: readAll(groups.surroundings, readCpuSeconds),
  };
  const targets = contenders.map(({ target }) => target);
  const summary = await rig.load.ask('run', { ...shape, targets, warmUpSeconds });
  const perRequest = (group: keyof typeof groups) => {
    const after = readAll(groups[group], readCpuSeconds);
    const earlier = before[group];
    return after === undefined || earlier === undefined ? undefined : ((after - earlier) / summary.answers) * 1e6;
  };
  return {
    ...summary,
    cpuMicroseconds: perRequest('own'),
    databaseCpuMicroseconds: perRequest('database'),
    surroundingsCpuMicroseconds: perRequest('surroundings'),
    residentMegabytes: readAll(groups.own, readResidentMegabytes),
  };
}

/** @returns the sum; undefined when there is nothing to add up */
function readAll(pids: readonly number[], read: (pid: number) => number | undefined): number | undefined {
  const values = pids.flatMap((pid) => read(pid) ?? []);
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
}
