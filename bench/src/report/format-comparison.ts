import type { Sample } from '../measure/measure.js';
import type { TeamSamples } from '../measure/run-rounds.js';
import { medianOf, ratioOfMedians, ratios } from '../measure/summarize.js';
import type { Options } from '../options.js';
import { median } from '../statistics/statistics.js';
import { describeOtherPrograms } from './describe-other-programs.js';
import { figure, formatTable, range } from './format.js';

/** All measurements of one run of the comparison. */
export interface Comparison {
  readonly machine: string;
  readonly options: Pick<Options, 'rounds' | 'seconds' | 'connections' | 'grants'>;
  readonly names: Readonly<Record<'direct' | 'nginx' | 'forwarding' | 'whole' | 'hot', string>>;
  readonly json: readonly TeamSamples[];
  readonly alone: readonly TeamSamples[];
  readonly streams: readonly TeamSamples[];
  readonly streamAlone: readonly TeamSamples[];
}

export function formatComparison(comparison: Comparison): string {
  const { machine, options, json, alone, streams, streamAlone } = comparison;
  const others = describeOtherPrograms([json, alone, streams, streamAlone].flat());
  return [
    `${machine} ${options.rounds} rounds of ${options.seconds} s each, medians; in brackets, from the least to the most. ${others}`,
    `### JSON answers, ${options.connections} connections`,
    formatThroughput(comparison, json, 'requests'),
    'Ratios, round by round:',
    formatRounds(comparison),
    '### One request at a time',
    formatAdded(comparison, alone, ({ latency }) => latency),
    `### Streams of 50 chunks, ${options.connections} connections`,
    formatThroughput(comparison, streams, 'streams'),
    '### The first chunk of a stream, one stream at a time',
    formatAdded(comparison, streamAlone, ({ firstByte }) => firstByte),
    '### Targets',
    formatTargets(comparison),
  ].join('\n\n');
}

function formatThroughput({ names }: Comparison, teams: readonly TeamSamples[], unit: string): string {
  const find = (name: string) => teams.find((team) => team.name === name);
  const header = [
    '',
    `${unit}/s`,
    'of direct',
    'of nginx',
    'of forwarding',
    'p50 ms',
    'p99 ms',
    'CPU µs',
    'database CPU µs',
    'memory MB',
  ];
  const rows = teams.map((team) => {
    const rates = team.samples.map(({ requestsPerSecond }) => requestsPerSecond);
    const ratioTo = (name: string) => figure(ratioOfMedians(team, find(name)), 2);
    const usesDatabase = team.name === names.whole || team.name === names.hot;
    return [
      team.name,
      range(rates, median(rates), 0),
      ratioTo(names.direct),
      ratioTo(names.nginx),
      ratioTo(names.forwarding),
      figure(
        medianOf(team, ({ latency }) => latency.p50),
        2,
      ),
      figure(
        medianOf(team, ({ latency }) => latency.p99),
        2,
      ),
      figure(medianOf(team, ({ cpuMicroseconds }) => cpuMicroseconds)),
      usesDatabase ? figure(medianOf(team, ({ databaseCpuMicroseconds }) => databaseCpuMicroseconds)) : '–',
      figure(medianOf(team, ({ residentMegabytes }) => residentMegabytes)),
    ];
  });
  return formatTable(header, rows);
}

function formatRounds({ names, json }: Comparison): string {
  const find = (name: string) => json.find((team) => team.name === name);
  const whole = find(names.whole);
  const hot = find(names.hot);
  if (whole === undefined || hot === undefined) return '';
  const pairs = [
    ['all of it / direct', whole, find(names.direct)],
    ['all of it / nginx', whole, find(names.nginx)],
    ['all of it / forwarding only', whole, find(names.forwarding)],
    ['one grant / many', hot, whole],
  ] as const;
  const rounds = Array.from({ length: whole.samples.length }, (_, round) => `${round + 1}`);
  const rows = pairs.flatMap(([name, team, reference]) =>
    reference === undefined ? [] : [[name, ...ratios(team, reference).map((ratio) => figure(ratio, 2))]],
  );
  return formatTable(['round', ...rounds], rows);
}

function formatAdded(
  { names }: Comparison,
  teams: readonly TeamSamples[],
  read: (sample: Sample) => { readonly p50: number; readonly p99: number },
): string {
  const forwarding = teams.find((team) => team.name === names.forwarding);
  const rows = teams.map((team) => [
    team.name,
    figure(
      medianOf(team, (sample) => read(sample).p50),
      2,
    ),
    figure(
      medianOf(team, (sample) => read(sample).p99),
      2,
    ),
    team === forwarding
      ? '–'
      : figure(
          findAdded(team, forwarding, (sample) => read(sample).p50),
          2,
        ),
  ]);
  return formatTable(['', 'p50 ms', 'p99 ms', 'p50 over forwarding only, ms'], rows);
}

/** Calculates the difference in each round. @returns the median of these differences */
function findAdded(
  team: TeamSamples | undefined,
  reference: TeamSamples | undefined,
  read: (sample: Sample) => number,
): number | undefined {
  const differences = (team?.samples ?? []).flatMap((sample, round) => {
    const other = reference?.samples[round];
    return other === undefined ? [] : [read(sample) - read(other)];
  });
  return differences.length === 0 ? undefined : median(differences);
}

function formatTargets({ names, json, alone, streamAlone }: Comparison): string {
  const find = (teams: readonly TeamSamples[], name: string) => teams.find((team) => team.name === name);
  const ratio = (name: string, reference: string) => {
    const team = find(json, name);
    return team && ratioOfMedians(team, find(json, reference));
  };
  const added = (teams: readonly TeamSamples[], read: (sample: Sample) => number) =>
    findAdded(find(teams, names.whole), find(teams, names.forwarding), read);
  const rows = [
    ['all of it / direct', '≥ 0.45', figure(ratio(names.whole, names.direct), 2)],
    ['all of it / nginx', '≥ 0.5', figure(ratio(names.whole, names.nginx), 2)],
    ['all of it / forwarding only', '≥ 0.85', figure(ratio(names.whole, names.forwarding), 2)],
    ['one grant / many', '0.9 to 1.1', figure(ratio(names.hot, names.whole), 2)],
    [
      'all checks together, one at a time, p50 ms',
      '≤ 1',
      figure(
        added(alone, ({ latency }) => latency.p50),
        2,
      ),
    ],
    [
      'the first chunk is later by, p50 ms',
      '≤ 1',
      figure(
        added(streamAlone, ({ firstByte }) => firstByte.p50),
        2,
      ),
    ],
  ];
  return formatTable(['', 'to reach', 'measured'], rows);
}
