import { setTimeout as sleep } from 'node:timers/promises';
import { revokeGrant } from '@aipassport/store/authorization';
import { startWhole } from '../contenders/start-whole.js';
import type { TokenSubject } from '../issuer/main.js';
import type { Options } from '../options.js';
import { describeMachine } from '../report/describe-machine.js';
import { figure, formatTable } from '../report/format.js';
import type { Report } from '../report/report.js';
import type { Rig } from '../rig/open-rig.js';
import { openStage, type Stage } from '../rig/open-stage.js';
import { readClock } from '../statistics/read-clock.js';
import { percentile } from '../statistics/statistics.js';

const chunkMilliseconds = 1_000;
const pauseMilliseconds = 10;

/**
 * Measures how long a stream continues after its grant is revoked, while many other streams are open on two replicas.
 */
export async function revocation(rig: Rig, options: Options): Promise<Report> {
  const stage = await openStage(rig, options.streams + options.revocations);
  const { places } = rig;
  const halves = split(stage.accessTokens);
  const proxies = await Promise.all(
    halves.map((accessTokens, index) =>
      startWhole(rig, {
        name: `replica ${index + 1}`,
        authority: stage.authority,
        database: stage.database,
        core: index === 0 ? places.proxy : places.secondProxy,
        accessTokens,
      }),
    ),
  );
  await rig.upstream.ask('setPace', { kind: 'endless', chunkMilliseconds });
  const open = await rig.load.ask(
    'openStreams',
    proxies.map(({ target }) => target),
  );
  console.error(`${open} streams are open`);
  const revoked = takeSome(stage.subjects, options.revocations);
  const cuts = await revokeOneByOne(rig, stage, revoked);
  await rig.load.ask('closeStreams', undefined);
  const rows = [
    ['the revocation is sent', cuts.map(({ sentAt, endedAt }) => endedAt - sentAt)],
    ['the database has confirmed the revocation', cuts.map(({ answeredAt, endedAt }) => endedAt - answeredAt)],
  ] as const;
  const table = rows.map(([name, values]) => {
    const sorted = values.toSorted((a, b) => a - b);
    return [
      `${name} → the stream has ended`,
      ...[0.5, 0.95, 0.99, 1].map((share) => figure(percentile(sorted, share), 1)),
    ];
  });
  return {
    section: [
      `${await describeMachine(rig, stage.database)} ${open} streams open on two replicas, each stream with one chunk a second; ${cuts.length} grants revoked one after the other. To be reached: p50 ≤ 10 ms, p99 ≤ 50 ms.`,
      formatTable(['from … to …, milliseconds', 'p50', 'p95', 'p99', 'longest'], table),
    ].join('\n\n'),
  };
}

interface Cut {
  readonly sentAt: number;
  readonly answeredAt: number;
  readonly endedAt: number;
}

async function revokeOneByOne(rig: Rig, stage: Stage, revoked: readonly TokenSubject[]): Promise<readonly Cut[]> {
  const times = new Map<string, { sentAt: number; answeredAt: number }>();
  for (const { grantId, accountId } of revoked) {
    const sentAt = readClock();
    await revokeGrant(stage.database.db, { grantId, accountId, reason: 'owner', revokedBy: accountId });
    times.set(grantId, { sentAt, answeredAt: readClock() });
    await sleep(pauseMilliseconds);
  }
  const grantOf = new Map(
    stage.accessTokens.map((accessToken, index) => [accessToken, stage.subjects[index]?.grantId ?? '']),
  );
  const ends = await rig.load.ask('waitForEnds', revoked.length);
  return ends.map(({ accessToken, endedAt }) => {
    const time = times.get(grantOf.get(accessToken) ?? '');
    if (time === undefined) throw new Error('a stream ended whose grant was not revoked');
    return { ...time, endedAt };
  });
}

function split(accessTokens: readonly string[]): readonly (readonly string[])[] {
  return [0, 1].map((half) => accessTokens.filter((_, index) => index % 2 === half));
}

/** Takes `count` subjects at equal distances in the list. */
function takeSome(subjects: readonly TokenSubject[], count: number): readonly TokenSubject[] {
  return Array.from({ length: count }, (_, index) => subjects[Math.floor((index * subjects.length) / count)]).flatMap(
    (subject) => subject ?? [],
  );
}
