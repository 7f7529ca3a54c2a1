import type { Contender } from '../contenders/contender.js';
import type { Rig } from '../rig/open-rig.js';
import { measure, type Sample, type Shape } from './measure.js';

/** The contenders that are measured as one: usually one contender, or several that share the connections. */
export interface Team {
  readonly name: string;
  readonly contenders: readonly Contender[];
}

export interface Rounds {
  readonly rig: Pick<Rig, 'load' | 'upstream'>;
  readonly teams: readonly Team[];
  readonly databasePid: number | undefined;
  readonly shape: Shape;
  readonly rounds: number;
}

/** The samples of one team, one for each round. */
export interface TeamSamples {
  readonly name: string;
  readonly samples: readonly Sample[];
}

/**
 * Runs all teams in each round. Each round begins with a different team. So a change on the machine affects every team,
 * and the ratios of one round compare measurements that are seconds apart.
 */
export async function runRounds({ rig, teams, databasePid, shape, rounds }: Rounds): Promise<readonly TeamSamples[]> {
  const samples = new Map<string, Sample[]>(teams.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < teams.length; turn++) {
      const team = teams[(round + turn) % teams.length];
      if (team === undefined) continue;
      const sample = await measure({ rig, contenders: team.contenders, databasePid, shape });
      samples.get(team.name)?.push(sample);
      console.error(`  round ${round + 1}, ${team.name}: ${sample.requestsPerSecond.toFixed(0)}/s`);
    }
  }
  return teams.map(({ name }) => ({ name, samples: samples.get(name) ?? [] }));
}
