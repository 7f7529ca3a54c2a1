import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { waitUntil } from '../harness/wait-until.js';
import { answerSoon } from './support/billing-upstream.js';
import { Experiment } from './support/experiment.js';
import type { LineFault } from './support/fault-line.js';
import { startLaboratory } from './support/laboratory.js';
import { createRandom } from './support/random.js';
import { findWrongAnswers } from './support/refusals.js';
import { scale, seed, timeoutMilliseconds } from './support/scale.js';
import { watchEventLoop } from './support/watch-event-loop.js';

let experiment: Experiment;
const random = createRandom(seed);

beforeAll(async () => {
  // longer than the trouble: nobody is taken for dead, so each must put its own things in order
  experiment = new Experiment(await startLaboratory({ proxyEnvironment: { LEASE_SECONDS: '6' } }));
  for (let grant = 0; grant < 4; grant++) await experiment.addGrant();
  await experiment.addGrant({ maxRequests: scale(400, 4_000) });
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

/** Later than everything that was given up has been settled. */
const deliveryMilliseconds = 2_500;

const troubles: readonly LineTrouble[] = [
  { fault: 'what is sent is lost without a word', inject: { kind: 'silent' }, milliseconds: scale(2_800, 15_000) },
  { fault: 'each byte is 5 s late', inject: { kind: 'slow', milliseconds: 5_000 }, milliseconds: scale(2_800, 15_000) },
  {
    fault: 'answers are kept back, and come after all',
    inject: { kind: 'held', questions: false, answers: true },
    milliseconds: scale(2_800, 15_000),
  },
  {
    fault: 'questions are kept back, and come after all',
    inject: { kind: 'held', questions: true, answers: false },
    milliseconds: scale(2_800, 15_000),
  },
  {
    fault: 'one piece in five breaks its connection',
    inject: { kind: 'breaking', chance: 0.2, random },
    milliseconds: scale(2_000, 15_000),
  },
];

it.each(troubles)(
  'F5: when $fault between a proxy and its database, it refuses within 3 s, stalls nothing, and heals by itself',
  async ({ fault, inject, milliseconds }) => {
    const { resourceProxies, upstream } = experiment.laboratory;
    const [victim] = resourceProxies;
    if (victim === undefined) throw new Error('no proxy runs');
    upstream.mode = answerSoon({ afterMilliseconds: 2 });
    let healedAt = Number.POSITIVE_INFINITY;
    let isOver = false;
    const rounds = scale(1, 5);
    const troubling = async () => {
      for (let round = 0; round < rounds; round++) {
        await sleep(500);
        victim.databaseLine.inject(inject);
        await sleep(milliseconds);
        const forwarded = upstream.bills.length;
        victim.databaseLine.heal({ deliveryMilliseconds });
        healedAt = performance.now();
        await waitUntil(() => upstream.bills.length > forwarded + 20, 'the proxy serves again');
        await sleep(inject.kind === 'held' ? deliveryMilliseconds + 200 : 200);
      }
      isOver = true;
    };
    const [seen, stall] = await Promise.all([
      experiment.load({ isOver: () => isOver, targets: [victim.url] }),
      watchEventLoop(victim.url, () => isOver),
      troubling(),
    ]);
    const served = seen.filter(({ isWhole, sentAtMilliseconds }) => isWhole && sentAtMilliseconds > healedAt);
    const healing = Math.min(...served.map(({ sentAtMilliseconds }) => sentAtMilliseconds)) - healedAt;
    const violations = await experiment.close({
      row: 'F5',
      fault: `line to the database: ${fault}`,
      faults: rounds,
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
      },
    });
    expect(violations).toEqual([]);
    expect(seen.some(({ status }) => status === 503)).toBe(true);
    expect(findWrongAnswers(seen, 3_300)).toEqual([]);
    expect(healing).toBeLessThan(4_000);
    expect(stall).toBeLessThan(2_000);
  },
  timeoutMilliseconds,
);
