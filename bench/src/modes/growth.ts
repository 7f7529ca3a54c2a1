import { startWhole } from '../contenders/start-whole.js';
import { growDatabase } from '../database/grow-database.js';
import { beginRecording, type RecordedPlan, readPlans } from '../database/record-plans.js';
import type { BenchmarkDatabase, DatabaseServer } from '../database/start-database-server.js';
import { measure } from '../measure/measure.js';
import { runRounds, type TeamSamples } from '../measure/run-rounds.js';
import { medianOf, ratioOfMedians, ratios, readRate } from '../measure/summarize.js';
import { warmUp } from '../measure/warm-up.js';
import type { Options } from '../options.js';
import { describeMachine } from '../report/describe-machine.js';
import { describeOtherPrograms } from '../report/describe-other-programs.js';
import { figure, formatTable, range } from '../report/format.js';
import type { Report } from '../report/report.js';
import type { Authority } from '../rig/open-authority.js';
import type { Rig } from '../rig/open-rig.js';
import { openStage } from '../rig/open-stage.js';

/**
 * Compares a new deployment with one that has many grants and ledger rows, on the same database server. The query plans
 * in the report show why both perform alike.
 */
export async function growth(rig: Rig, options: Options): Promise<Report> {
  const { authority, server, database: small, accessTokens } = await openStage(rig, options.grants);
  const large = await server.createDatabase('grown');
  console.error(`making ${options.manyGrants} grants and ${options.ledgerRows} ledger rows`);
  const { upstreamPort } = rig;
  const size = { grants: options.manyGrants, ledgerRows: options.ledgerRows, inUse: options.grants };
  const subjects = await growDatabase({ db: large.db, authority, upstreamPort, ...size });
  const manyTokens = await authority.sign(subjects);

  const core = rig.places.proxy;
  const few = await startWhole(rig, { name: 'new', authority, database: small, core, accessTokens });
  const many = await startWhole(rig, { name: 'grown', authority, database: large, core, accessTokens: manyTokens });
  for (const contender of [few, many]) await warmUp(rig, contender);
  const teams = [few, many].map((contender) => ({ name: contender.name, contenders: [contender] }));
  const run = (connections: number) =>
    runRounds({
      rig,
      teams,
      databasePid: server.pid,
      rounds: options.rounds,
      shape: { stream: false, connections, seconds: options.seconds },
    });
  const busy = await run(options.connections);
  const alone = await run(1);
  const plans = await recordPlans(rig, { authority, server, database: large, accessTokens: manyTokens });
  return {
    section: [
      `${await describeMachine(rig, small)} New: ${options.grants} grants and an empty ledger. Grown: ${options.manyGrants} grants and ${options.ledgerRows} ledger rows, of which ${options.grants} grants are in use. ${options.rounds} rounds of ${options.seconds} s. ${describeOtherPrograms([...busy, ...alone])}`,
      formatTable(
        ['', `requests/s, ${options.connections} connections`, 'p50 ms', 'database CPU µs', 'one at a time, p50 ms'],
        busy.map((team, index) => formatTeam(team, alone[index])),
      ),
      `Throughput: ${formatRatio(busy)}; target: 0.9 to 1.1.`,
      'Every statement of the proxy, as PostgreSQL executed it on the grown database:',
      formatPlans(plans),
    ].join('\n\n'),
  };
}

function formatTeam(team: TeamSamples, alone: TeamSamples | undefined): string[] {
  return [
    team.name,
    figure(medianOf(team, readRate)),
    figure(
      medianOf(team, ({ latency }) => latency.p50),
      2,
    ),
    figure(medianOf(team, ({ databaseCpuMicroseconds }) => databaseCpuMicroseconds)),
    figure(alone && medianOf(alone, ({ latency }) => latency.p50), 2),
  ];
}

function formatRatio([few, many]: readonly TeamSamples[]): string {
  if (few === undefined || many === undefined) return '–';
  return range(ratios(many, few), ratioOfMedians(many, few) ?? Number.NaN, 2);
}

interface Recording {
  readonly authority: Authority;
  readonly server: DatabaseServer;
  readonly database: BenchmarkDatabase;
  readonly accessTokens: readonly string[];
}

/** Starts a separate proxy for this: explaining every statement costs more than executing it. */
async function recordPlans(
  rig: Rig,
  { authority, server, database, accessTokens }: Recording,
): Promise<readonly RecordedPlan[]> {
  await beginRecording(database);
  const proxy = await startWhole(rig, { name: 'explained', authority, database, core: rig.places.proxy, accessTokens });
  server.takeLog();
  for (const stream of [false, true]) {
    await measure({ rig, contenders: [proxy], databasePid: undefined, shape: { stream, connections: 8, seconds: 1 } });
  }
  const plans = await readPlans(server, database);
  await proxy.stop();
  return plans;
}

function formatPlans(plans: readonly RecordedPlan[]): string {
  const rows = plans
    .filter(({ accesses }) => accesses.length > 0)
    .map(({ statement, accesses }) => [
      `\`${shorten(statement)}\``,
      [
        ...new Set(
          accesses.map(({ how, table, index }) => (index === undefined ? `${how} on ${table}` : `${how}, ${index}`)),
        ),
      ].join('; '),
      accesses.every(({ isPrimaryKey, how }) => isPrimaryKey || how === 'Bitmap Heap Scan') ? 'yes' : 'no',
    ]);
  return formatTable(['statement', 'accesses', 'primary keys only'], rows);
}

const shownCharacters = 90;

function shorten(statement: string): string {
  const text = statement.replaceAll('|', '\\|');
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)} …` : text;
}
