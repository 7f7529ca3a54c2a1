import { setTimeout as sleep } from 'node:timers/promises';
import type { Failpoint } from '@aipassport/resource-proxy';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { answerSoon, streamTokens } from './support/billing-upstream.js';
import { Experiment } from './support/experiment.js';
import { startLaboratory } from './support/laboratory.js';
import { createRandom } from './support/random.js';
import { bound, isLong, scale, seed, timeoutMilliseconds } from './support/scale.js';
import type { ServerUnderFault } from './support/server-under-fault.js';

let experiment: Experiment;

beforeAll(async () => {
  experiment = new Experiment(await startLaboratory({ isTestBuild: true }));
}, timeoutMilliseconds);

afterAll(async () => {
  await experiment?.laboratory.stop();
});

/** Makes a grant without limits, one for `requests` requests, and one with a budget of about the cost of these. */
async function renewGrants(requests: number): Promise<void> {
  await experiment.renewGrants({}, { maxRequests: requests }, { maxCost: BigInt(requests) * 100_000n });
}

const all: readonly Failpoint[] = ['before_admission_commit', 'after_admission', 'mid_stream', 'before_settle'];
const random = createRandom(seed);

/** Kills the first proxy at these places in turn, and starts it again each time. The second proxy keeps running. */
async function killAtFailpoints(failpoints: readonly Failpoint[], kills: number): Promise<void> {
  const [victim] = experiment.laboratory.resourceProxies;
  if (victim === undefined) throw new Error('no proxy runs');
  let armed = 0;
  const arm = (): Readonly<Record<string, string>> =>
    armed < kills ? { FAILPOINT: `${failpoints[armed++ % failpoints.length]}@${Math.ceil(random() * 20)}` } : {};
  await victim.stop();
  await victim.start(arm());
  victim.restarts = 0;
  const supervised = victim.supervise(() => victim.restarts < kills, arm);
  await experiment.load({ isOver: () => victim.restarts >= kills });
  await supervised;
}

// The ids at the beginning of titles are rows of docs/security.md.
it.each(isLong ? all.map((failpoint) => [failpoint]) : [all])(
  'F1: when a proxy is killed (%s), the other one settles its requests: none is lost and none is free',
  async (...failpoints) => {
    const kills = scale(4, 20);
    await renewGrants(scale(150, 1_000));
    experiment.laboratory.upstream.mode = answerSoon();
    await killAtFailpoints(failpoints, kills);
    const violations = await experiment.close({
      row: 'F1',
      fault: `proxy: kill -9 ${failpoints.join(', ')}`,
      faults: kills,
    });
    expect(violations).toEqual([]);
  },
  timeoutMilliseconds,
);

it(
  'F1: proxies that are killed at random moments lose no request and are back in seconds',
  async () => {
    const { resourceProxies, upstream } = experiment.laboratory;
    const rounds = scale(1, 10);
    const seconds = scale(4, 25);
    upstream.mode = streamOrAnswer;
    const restarts: number[] = [];
    let until = 0;
    const isOver = () => performance.now() > until;
    const kill = async () => {
      for (let killed = 0; killed === 0 || !isOver(); killed++) {
        await sleep(scale(300, 1_000) + random() * scale(700, 2_000));
        const victim: ServerUnderFault | undefined = resourceProxies[Math.floor(random() * resourceProxies.length)];
        if (victim === undefined) continue;
        await victim.kill();
        const startedAt = performance.now();
        await victim.start();
        restarts.push(performance.now() - startedAt);
      }
    };
    for (let round = 0; round < rounds; round++) {
      await renewGrants(scale(150, 1_000));
      until = performance.now() + seconds * 1000;
      await Promise.all([experiment.load({ isOver, callers: 12 }), kill()]);
    }
    const violations = await experiment.close({
      row: 'F1',
      fault: 'proxies: kill -9 at random moments',
      faults: restarts.length,
      detail: { slowestRestartMilliseconds: Math.round(Math.max(...restarts)) },
    });
    expect(violations).toEqual([]);
    expect(Math.max(...restarts)).toBeLessThan(bound(5_000, 30_000));
  },
  timeoutMilliseconds,
);

/** Streams take about 200 ms, so that each kill interrupts some of them. */
const streamOrAnswer: Experiment['laboratory']['upstream']['mode'] = (call, response) => {
  if (call.isStream) streamTokens({ chunks: 20, everyMilliseconds: 10 })(call, response);
  else answerSoon({ afterMilliseconds: 5 })(call, response);
};
