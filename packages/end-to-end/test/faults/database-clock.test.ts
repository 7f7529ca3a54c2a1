import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { waitUntil } from '../harness/wait-until.js';
import { answerSoon } from './support/billing-upstream.js';
import { Experiment } from './support/experiment.js';
import { createJumpingClock, type JumpingClock } from './support/fake-time.js';
import { startLaboratory } from './support/laboratory.js';
import { askChat } from './support/load.js';
import { buildChat, estimateOf } from './support/numbered-chat.js';
import { PostgresUnderFault } from './support/postgres-under-fault.js';
import { scale, timeoutMilliseconds } from './support/scale.js';

const clock: JumpingClock | undefined = createJumpingClock();
let postgres: PostgresUnderFault;
let experiment: Experiment;

beforeAll(async () => {
  if (clock === undefined) return;
  postgres = await PostgresUnderFault.start({ environment: clock.environment });
  experiment = new Experiment(await startLaboratory({ postgres }));
  experiment.laboratory.upstream.mode = answerSoon({ afterMilliseconds: 5 });
}, timeoutMilliseconds);

afterAll(async () => {
  clock?.jump('+0');
  await experiment?.laboratory.stop();
  await postgres?.stop();
  clock?.remove();
});

/**
 * Each jump as text and in milliseconds, and the status of a request after the jump. The grant of this request has
 * spent its daily budget before the jump.
 */
const jumps = [
  // Longer than the lifetime of a token plus the leeway. The leeway is the time for which a proxy still accepts an
  // expired token, because clocks differ.
  ['+11m', 660_000, 401],
  ['-10m', -600_000, 402],
  ['-1d', -86_400_000, 402],
] as const;

// The ids at the beginning of titles are rows of docs/security.md.
(clock === undefined ? it.skip : it)(
  'F12: when the clock of the database jumps, no limit is exceeded, tokens expire, and every request is in the ledger (needs faketime)',
  async () => {
    const { laboratory } = experiment;
    const { upstream, query, targets } = laboratory;
    const [target = ''] = targets;
    const rounds = scale(1, 4);
    const first = experiment.nextNumber();
    const spent = await experiment.addGrant({
      maxCostPerDay: estimateOf(buildChat({ grant: 0, number: first })) * 2n,
    });
    const ask = async () => {
      const seen = await askChat({ access: spent, number: experiment.nextNumber(), target });
      experiment.seen.push(seen);
      return seen.status;
    };
    /** A busy server may refuse a request without a decision about its limits (503). */
    const askUntilDecided = async () => {
      let status = await ask();
      await waitUntil(async () => status !== 503 || (status = await ask()) !== 503, 'the proxy decides', 20_000);
      return status;
    };
    // Each settlement gives back the rest of its reservation, so this takes several requests.
    await waitUntil(async () => (await ask()) === 402, 'the budget of the day is spent', 20_000);
    await experiment.renewGrants({}, {}, {}, {}, { maxRequests: scale(60, 1_000) });

    const readOffset = async () => {
      const [row] = await query<{ at: Date }>('select clock_timestamp() as at');
      return (row?.at.getTime() ?? 0) - Date.now();
    };
    let isOver = false;
    const jump = async () => {
      for (let round = 0; round < rounds; round++) {
        for (const [offset, milliseconds, status] of jumps) {
          clock?.jump(offset);
          const hasJumped = async () => Math.abs((await readOffset()) - milliseconds) < 60_000;
          await waitUntil(hasJumped, 'the clock has jumped', 20_000);
          await waitUntil(async () => (await ask()) === status, 'the proxy goes by it', 20_000);
          await sleep(1_000);
          expect(await askUntilDecided()).toBe(status);
          const forwarded = upstream.bills.length;
          clock?.jump('+0');
          await waitUntil(() => upstream.bills.length > forwarded + 20, 'the proxies serve again', 20_000);
          await waitUntil(async () => (await ask()) === 402, 'its budget is still spent', 20_000);
        }
      }
      isOver = true;
    };
    const [seen] = await Promise.all([experiment.load({ isOver: () => isOver }), jump()]);
    const violations = await experiment.close({
      row: 'F12',
      fault: 'PostgreSQL: clock jumps by ten minutes or a day, and back',
      faults: rounds * jumps.length,
      detail: { refused: seen.filter(({ isWhole }) => !isWhole).length },
    });
    expect(violations).toEqual([]);
    expect(seen.filter(({ status, isWhole }) => !isWhole && ![401, 402, 429, 503].includes(status ?? 0))).toEqual([]);
  },
  timeoutMilliseconds,
);
