import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { countBy } from '../harness/count-by.js';
import { waitUntil } from '../harness/wait-until.js';
import { answerSoon, streamTokens, type UpstreamMode } from './support/billing-upstream.js';
import { Experiment } from './support/experiment.js';
import { startLaboratory } from './support/laboratory.js';
import type { Seen } from './support/load.js';
import { createRandom } from './support/random.js';
import { findWrongAnswers } from './support/refusals.js';
import { itOnLinux, scale, seed, timeoutMilliseconds } from './support/scale.js';

/** How long a proxy that is to stop lets streams go on. */
const drainSeconds = 2;

let experiment: Experiment;
const random = createRandom(seed);

beforeAll(async () => {
  experiment = new Experiment(await startLaboratory({ proxyEnvironment: { DRAIN_SECONDS: String(drainSeconds) } }));
  for (let grant = 0; grant < 3; grant++) await experiment.addGrant();
}, timeoutMilliseconds);

afterAll(async () => {
  await experiment?.laboratory.stop();
});

function findVictim() {
  const [victim] = experiment.laboratory.resourceProxies;
  if (victim === undefined) throw new Error('no proxy runs');
  return victim;
}

/** Most streams end in time, every tenth does not. */
const longAndShort: UpstreamMode = (call, response) => {
  const seconds = call.bill.number % 10 === 0 ? drainSeconds + 3 : 1;
  if (call.isStream) streamTokens({ chunks: 20, everyMilliseconds: seconds * 50 })(call, response);
  else answerSoon({ afterMilliseconds: 50 })(call, response);
};

it(
  'F19: a proxy that is told to stop under load lets streams end, up to its limit, and loses no settlement',
  async () => {
    const victim = findVictim();
    experiment.laboratory.upstream.mode = longAndShort;
    const rounds = scale(1, 20);
    const stopping: number[] = [];
    let cut = 0;
    for (let round = 0; round < rounds; round++) {
      let stoppedAt = Number.POSITIVE_INFINITY;
      let isOver = false;
      const stop = async () => {
        await sleep(1_200);
        stoppedAt = performance.now();
        const { ended } = victim;
        victim.signal('SIGTERM');
        expect(await ended).toBe('it ended (0)');
        stopping.push(performance.now() - stoppedAt);
        isOver = true;
      };
      const [seen] = await Promise.all([
        experiment.load({ targets: [victim.url], callers: 30, streamsOfTen: 7, isOver: () => isOver }),
        stop(),
      ]);
      const begun = seen.filter(({ sentAtMilliseconds }) => sentAtMilliseconds < stoppedAt - 20);
      const broken = begun.filter(({ isWhole }) => !isWhole);
      cut += broken.length;
      // it was told so, in the stream's own language, and only after the time that there was
      expect(broken.filter(({ number }) => number % 10 !== 0)).toEqual([]);
      expect(broken.filter(({ text }) => !text.includes('temporarily_unavailable'))).toEqual([]);
      expect(findWrongAnswers(seen.filter((one) => isAnswered(one) && one.sentAtMilliseconds > stoppedAt))).toEqual([]);
      await victim.start();
    }
    const violations = await experiment.close({
      row: 'F19',
      fault: 'proxy: SIGTERM under load',
      faults: rounds,
      detail: { slowestStopMilliseconds: Math.round(Math.max(...stopping)), cut },
    });
    expect(violations).toEqual([]);
    expect(cut).toBeGreaterThan(0);
    const abandoned = await experiment.laboratory.query("select 1 from ledger where settlement = 'abandoned'");
    expect(abandoned).toEqual([]);
    expect(Math.max(...stopping)).toBeLessThan(drainSeconds * 1_000 + 3_000);
  },
  timeoutMilliseconds,
);

/** Not a connection that was refused, or closed before a request on it was read. */
function isAnswered({ status }: Seen): boolean {
  return status !== undefined;
}

it.each([
  ['as long as an event loop may be blocked', 1_000, false],
  ['longer than its lease', 3_200, true],
])(
  'F21: a proxy that stands still for %s goes on, and every request is in the books once',
  async (name, milliseconds, isTakenForDead) => {
    const victim = findVictim();
    experiment.laboratory.upstream.mode = (call, response) =>
      call.isStream
        ? streamTokens({ chunks: 20, everyMilliseconds: 25 })(call, response)
        : answerSoon({ afterMilliseconds: 10 })(call, response);
    const rounds = scale(1, 20);
    let isOver = false;
    const logged = () => victim.output().split('"lease_lost"').length - 1;
    const before = logged();
    const stopAndGo = async () => {
      for (let round = 0; round < rounds; round++) {
        await sleep(500 + random() * 300);
        victim.signal('SIGSTOP');
        await sleep(milliseconds);
        victim.signal('SIGCONT');
      }
      await sleep(1_000);
      isOver = true;
    };
    const [seen] = await Promise.all([experiment.load({ isOver: () => isOver, callers: 16 }), stopAndGo()]);
    const violations = await experiment.close({
      row: 'F21',
      fault: `proxy: SIGSTOP ${name} (${milliseconds} ms)`,
      faults: rounds,
      detail: { refused: seen.filter(({ status }) => status === 503).length },
    });
    expect(violations).toEqual([]);
    expect(findWrongAnswers(seen)).toEqual([]);
    if (isTakenForDead) await waitUntil(() => logged() > before, 'it has taken a new name');
    const served = seen.filter(
      ({ isWhole, sentAtMilliseconds }) => isWhole && sentAtMilliseconds > performance.now() - 5_000,
    );
    expect(served.length).toBeGreaterThan(0);
  },
  timeoutMilliseconds,
);

// the last one: who is not root cannot take it back
itOnLinux(
  'F21: with no more file descriptors than 256 a proxy refuses what is too much, and goes on',
  async () => {
    const victim = findVictim();
    experiment.laboratory.upstream.mode = answerSoon({ afterMilliseconds: 100 });
    const { pid } = victim;
    const { status } = spawnSync('prlimit', ['--pid', String(pid), '--nofile=256:256']);
    expect(status).toBe(0);
    const until = performance.now() + scale(2_500, 60_000);
    const seen = await experiment.load({
      targets: [victim.url],
      callers: 400,
      isOver: () => performance.now() > until,
    });
    let isOver = false;
    const after = await experiment.load({
      targets: [victim.url],
      callers: 2,
      isOver: () => isOver || !(isOver = true),
    });
    const violations = await experiment.close({
      row: 'F21',
      fault: 'proxy: 256 file descriptors, 400 connections',
      faults: 1,
      detail: { answers: countBy(seen, ({ status: code }) => String(code ?? 'no connection')) },
    });
    expect(violations).toEqual([]);
    expect(findWrongAnswers(seen.filter(isAnswered))).toEqual([]);
    expect(victim.pid).toBe(pid);
    expect(after.length).toBeGreaterThan(0);
    expect(after.filter(({ isWhole }) => !isWhole)).toEqual([]);
  },
  timeoutMilliseconds,
);
