import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { waitUntil } from '../harness/wait-until.js';
import { answerSoon } from './support/billing-upstream.js';
import { Experiment } from './support/experiment.js';
import type { LineFault } from './support/fault-line.js';
import { startLaboratory } from './support/laboratory.js';
import type { Access, ChatResult } from './support/load.js';
import { createRandom } from './support/random.js';
import { findWrongAnswers } from './support/refusals.js';
import { findForwardedLate, findSentLate } from './support/revocations.js';
import { bound, scale, seed, timeoutMilliseconds } from './support/scale.js';
import { watchEventLoop } from './support/watch-event-loop.js';

let experiment: Experiment;
const random = createRandom(seed);

beforeAll(async () => {
  // The lease is longer than each fault, also on a slow machine. So no proxy loses its lease, and each settles its own
  // requests. `pressure.test.ts` has faults that are longer than a lease.
  experiment = new Experiment(await startLaboratory({ proxyEnvironment: { LEASE_SECONDS: '120' } }));
}, timeoutMilliseconds);

afterEach(() => {
  for (const { databaseLine } of experiment.laboratory.resourceProxies) databaseLine.heal();
});

afterAll(async () => {
  await experiment?.laboratory.stop();
});

interface LineTrouble {
  readonly fault: string;
  readonly inject: LineFault;
  readonly milliseconds: number;
}

/**
 * The time from the end of a fault until the delayed bytes arrive. By then, all requests that the proxy has given up
 * are settled.
 */
const deliveryMilliseconds = 2_500;

/**
 * The longest time that a refusal may take. A proxy that waited for the answer of the database would take longer: under
 * a fault that does not break connections, this answer arrives at least five seconds late, or never.
 */
const refusalMilliseconds = bound(3_300, 4_800);
const healingMilliseconds = bound(4_000, 20_000);
const stallMilliseconds = bound(2_000, 4_000);

const troubles: readonly LineTrouble[] = [
  { fault: 'sent data is lost without an error', inject: { kind: 'silent' }, milliseconds: scale(2_800, 10_000) },
  { fault: 'each byte is 5 s late', inject: { kind: 'slow', milliseconds: 5_000 }, milliseconds: scale(2_800, 10_000) },
  {
    fault: 'answers are delayed, and arrive later',
    inject: { kind: 'delayed', queries: false, answers: true },
    milliseconds: scale(2_800, 10_000),
  },
  {
    fault: 'queries are delayed, and arrive later',
    inject: { kind: 'delayed', queries: true, answers: false },
    milliseconds: scale(2_800, 10_000),
  },
  {
    fault: 'one piece in five breaks its connection',
    inject: { kind: 'breaking', chance: 0.2, random },
    milliseconds: scale(2_000, 10_000),
  },
];

// The ids at the beginning of titles are rows of docs/security.md.
it.each(troubles)(
  'F5: when $fault between a proxy and its database, the proxy refuses in seconds, obeys revocations, does not stall, and recovers by itself',
  async ({ fault, inject, milliseconds }) => {
    const { resourceProxies, upstream, client } = experiment.laboratory;
    const [victim] = resourceProxies;
    if (victim === undefined) throw new Error('no proxy runs');
    await experiment.renewGrants({}, {}, {}, {}, { maxRequests: scale(200, 1_000) });
    upstream.mode = answerSoon({ afterMilliseconds: 2 });
    let healedAt = Number.POSITIVE_INFINITY;
    let isOver = false;
    const rounds = scale(1, 3);
    const revokedAt = new Map<number, number>();
    const doomed: Access[] = [];
    while (doomed.length < rounds) doomed.push(await experiment.addGrant());
    const troubling = async () => {
      for (const access of doomed) {
        await sleep(500);
        victim.databaseLine.inject(inject);
        const until = performance.now() + milliseconds;
        await client.revokeToken(access.accessToken);
        revokedAt.set(access.grant, performance.now());
        await sleep(Math.max(0, until - performance.now()));
        const forwarded = upstream.bills.length;
        victim.databaseLine.heal({ deliveryMilliseconds });
        healedAt = performance.now();
        await waitUntil(() => upstream.bills.length > forwarded + 20, 'the proxy serves again', healingMilliseconds);
        await sleep(inject.kind === 'delayed' ? deliveryMilliseconds + 200 : 200);
      }
    };
    const [seen, stall] = await Promise.all([
      experiment.load({ isOver: () => isOver, targets: [victim.url] }),
      watchEventLoop(victim.url, () => isOver),
      troubling().finally(() => {
        isOver = true;
      }),
    ]);
    const late = findSentLate(seen, revokedAt);
    const served = seen.filter(({ isWhole, sentAtMilliseconds }) => isWhole && sentAtMilliseconds > healedAt);
    const healing = Math.min(...served.map(({ sentAtMilliseconds }) => sentAtMilliseconds)) - healedAt;
    const violations = await experiment.close({
      row: 'F5',
      fault: `line to the database: ${fault}`,
      faults: rounds,
      violations: [
        ...findForwardedLate(late, upstream.bills),
        ...findWrongAnswers(seen.filter(isNotRevokedAnswer), refusalMilliseconds),
      ],
      detail: {
        refused: seen.filter(({ status }) => status === 503).length,
        slowestRefusalMilliseconds: Math.round(
          Math.max(
            0,
            ...seen
              .filter(({ status }) => status === 503)
              .map(({ sentAtMilliseconds, endedAtMilliseconds }) => endedAtMilliseconds - sentAtMilliseconds),
          ),
        ),
        healingMilliseconds: Math.round(healing),
        longestStallMilliseconds: Math.round(stall),
        sentAfterRevocation: late.length,
      },
    });
    expect(violations).toEqual([]);
    expect(seen.some(({ status }) => status === 503)).toBe(true);
    expect(late.length).toBeGreaterThan(0);
    expect(seen.filter(({ grant, status }) => status === 401 && !revokedAt.has(grant))).toEqual([]);
    expect(healing).toBeLessThan(healingMilliseconds);
    expect(stall).toBeLessThan(stallMilliseconds);
  },
  timeoutMilliseconds,
);

/** Leaves out 401, the right answer to a revoked grant. The test checks separately that no other grant gets 401. */
function isNotRevokedAnswer({ status }: ChatResult): boolean {
  return status !== 401;
}
