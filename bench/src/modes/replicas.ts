import { startWhole } from '../contenders/start-whole.js';
import type { Sample } from '../measure/measure.js';
import { runRounds, type TeamSamples } from '../measure/run-rounds.js';
import { medianOf, ratioOfMedians, ratios, readRate } from '../measure/summarize.js';
import { warmUp } from '../measure/warm-up.js';
import type { Options } from '../options.js';
import { describeMachine } from '../report/describe-machine.js';
import { describeOtherPrograms } from '../report/describe-other-programs.js';
import { figure, formatTable, range } from '../report/format.js';
import type { Report } from '../report/report.js';
import type { Rig } from '../rig/open-rig.js';
import { openStage } from '../rig/open-stage.js';

/** Compares two proxies on one database with one proxy, and shows which processes use the CPU time. */
export async function replicas(rig: Rig, options: Options): Promise<Report> {
  const { authority, server, database, accessTokens } = await openStage(rig, options.grants);
  const { proxy, secondProxy } = rig.places;
  const start = (name: string, core: number) => startWhole(rig, { name, authority, database, core, accessTokens });
  const first = await start('replica 1', proxy);
  const second = await start('replica 2', secondProxy);
  for (const replica of [first, second]) await warmUp(rig, replica);
  const teams = [
    { name: 'one', contenders: [first] },
    { name: 'two', contenders: [first, second] },
  ];
  const shape = { stream: false, connections: options.connections, seconds: options.seconds };
  const [one, two] = await runRounds({ rig, teams, databasePid: server.pid, rounds: options.rounds, shape });
  if (one === undefined || two === undefined) throw new Error('nothing was measured');
  return {
    section: [
      `${await describeMachine(rig, database)} JSON, ${options.connections} connections, ${options.rounds} rounds of ${options.seconds} s. ${describeOtherPrograms([one, two])}`,
      formatTable(
        ['proxies', 'requests/s', 'proxies’ CPU µs', 'database CPU µs', 'load and upstream CPU µs', 'cores in use'],
        [formatTeam(one), formatTeam(two)],
      ),
      `Two proxies have ${range(ratios(two, one), ratioOfMedians(two, one) ?? Number.NaN, 2)} × the throughput of one; target: 1.7. ${explain(rig, medianOf(one, countCores))}`,
    ].join('\n\n'),
  };
}

function formatTeam(team: TeamSamples): string[] {
  const own = medianOf(team, ({ cpuMicroseconds }) => cpuMicroseconds);
  const database = medianOf(team, ({ databaseCpuMicroseconds }) => databaseCpuMicroseconds);
  const surroundings = medianOf(team, ({ surroundingsCpuMicroseconds }) => surroundingsCpuMicroseconds);
  return [
    team.name,
    figure(medianOf(team, readRate)),
    figure(own),
    figure(database),
    figure(surroundings),
    figure(medianOf(team, countCores), 2),
  ];
}

/** The number of cores that all parts together keep busy. */
function countCores(sample: Sample): number | undefined {
  const parts = [sample.cpuMicroseconds, sample.databaseCpuMicroseconds, sample.surroundingsCpuMicroseconds];
  if (parts.includes(undefined)) return undefined;
  return (parts.reduce<number>((sum, part) => sum + (part ?? 0), 0) * sample.requestsPerSecond) / 1e6;
}

function explain({ places: { proxy, secondProxy, others } }: Rig, coresOfOne: number | undefined): string {
  if (secondProxy !== others) return 'Each proxy has a core of its own. The other processes share a third core.';
  return `This machine has only two cores: the second proxy shares core ${others} with the database, the upstream and the load generator, and the first has core ${proxy} to itself. One proxy and the other processes together use ${figure(coresOfOne, 2)} of the two cores. If a request costs the same CPU time with two proxies, the throughput here can grow to at most ${figure(2 / (coresOfOne ?? Number.NaN), 2)} × that of one.`;
}
