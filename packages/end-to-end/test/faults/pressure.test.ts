import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { countBy } from '../harness/count-by.js';
import { waitUntil } from '../harness/wait-until.js';
import { answerSoon, streamTokens, type UpstreamMode } from './support/billing-upstream.js';
import { countSettlements } from './support/books.js';
import { Experiment } from './support/experiment.js';
import { startLaboratory } from './support/laboratory.js';
import { type Access, askChat, type ChatResult } from './support/load.js';
import { MemoryGroup } from './support/memory-group.js';
import { createRandom } from './support/random.js';
import { findWrongAnswers } from './support/refusals.js';
import { bound, itOnLinux, scale, seed, timeoutMilliseconds } from './support/scale.js';

/** After SIGTERM, a proxy waits this many seconds for streams to end. */
const drainSeconds = 2;

let experiment: Experiment;
/** A grant without load. */
let probe: Access;
let probes = 0;
const random = createRandom(seed);

const memoryGroup = MemoryGroup.open();

beforeAll(async () => {
  experiment = new Experiment(
    await startLaboratory({ proxyEnvironment: { DRAIN_SECONDS: String(drainSeconds), LEASE_SECONDS: '4' } }),
  );
  probe = await experiment.addGrant();
}, timeoutMilliseconds);

afterAll(async () => {
  await experiment?.laboratory.stop();
  await memoryGroup?.close();
});

function findVictim() {
  const [victim] = experiment.laboratory.resourceProxies;
  if (victim === undefined) throw new Error('no proxy runs');
  return victim;
}

/** The requests that have reached the AI provider, each as `grant/number`. */
function findForwarded(): ReadonlySet<string> {
  return new Set(experiment.laboratory.upstream.bills.map(({ grant, number }) => `${grant}/${number}`));
}

/** Asks one proxy until it answers, to show that it recovers by itself. */
async function waitUntilServed(url: string): Promise<void> {
  const ask = async () => {
    const seen = await askChat({ access: probe, number: probes++, target: url });
    experiment.seen.push(seen);
    return seen.isWhole;
  };
  await waitUntil(ask, 'the proxy serves again', 20_000);
}

/** Every tenth stream takes longer than `drainSeconds`; the others end earlier. */
const longAndShort: UpstreamMode = (call, response) => {
  const seconds = call.bill.number % 10 === 0 ? drainSeconds + 3 : 1;
  if (call.isStream) streamTokens({ chunks: 20, everyMilliseconds: seconds * 50 })(call, response);
  else answerSoon({ afterMilliseconds: 50 })(call, response);
};

// The ids at the beginning of titles are rows of docs/security.md.
it(
  'F19: a proxy that is stopped under load lets streams continue for `DRAIN_SECONDS`, and loses no settlement',
  async () => {
    const victim = findVictim();
    const { upstream, query } = experiment.laboratory;
    upstream.mode = longAndShort;
    await experiment.renewGrants({}, {}, {});
    const rounds = scale(1, 20);
    const stopping: number[] = [];
    let cut = 0;
    for (let round = 0; round < rounds; round++) {
      let stoppedAt = Number.POSITIVE_INFINITY;
      let isOver = false;
      const stop = async () => {
        await waitUntil(() => upstream.recorder.open.size >= 15, 'streams are under way', 20_000);
        await sleep(1_000);
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
      const forwarded = findForwarded();
      const wasForwarded = ({ grant, number }: ChatResult) => forwarded.has(`${grant}/${number}`);
      const broken = seen.filter((one) => wasForwarded(one) && !one.isWhole);
      cut += broken.length;
      // a stream that is cut ends with an error in its dialect, and not before `DRAIN_SECONDS` are over
      const granted = drainSeconds * 1_000 - 50;
      expect(broken.filter(({ endedAtMilliseconds }) => endedAtMilliseconds < stoppedAt + granted)).toEqual([]);
      expect(broken.filter(({ text }) => !text.includes('temporarily_unavailable'))).toEqual([]);
      expect(findWrongAnswers(seen.filter((one) => isAnswered(one) && !wasForwarded(one)))).toEqual([]);
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
    expect(await query("select 1 from ledger where settlement = 'abandoned'")).toEqual([]);
    expect(Math.max(...stopping)).toBeLessThan(drainSeconds * 1_000 + bound(3_000, 10_000));
  },
  timeoutMilliseconds,
);

/** Leaves out connections that were refused, or closed before a request on them was read. */
function isAnswered({ status }: ChatResult): boolean {
  return status !== undefined;
}

/** @returns a function that says whether a sweep has deleted one of the rows that `replicas` had at this call */
async function watchSweep(): Promise<() => Promise<boolean>> {
  const list = async () =>
    (await experiment.laboratory.query<{ id: string }>('select id from replicas')).map((r) => r.id);
  const before = await list();
  return async () => {
    const now = await list();
    return before.some((id) => !now.includes(id));
  };
}

it.each([
  ['less time than its lease', false],
  ['more time than its lease', true],
])(
  'F21: a proxy that is suspended for %s continues, and every request is in the ledger once',
  async (name, isTakenForDead) => {
    const victim = findVictim();
    experiment.laboratory.upstream.mode = (call, response) =>
      call.isStream
        ? streamTokens({ chunks: 20, everyMilliseconds: 25 })(call, response)
        : answerSoon({ afterMilliseconds: 10 })(call, response);
    await experiment.renewGrants({}, {}, {});
    const rounds = scale(1, 10);
    let isOver = false;
    const logged = () => victim.output().split('"lease_lost"').length - 1;
    const before = logged();
    const countCorrections = async () => (await countSettlements(experiment.laboratory))['corrected'] ?? 0;
    const correctionsBefore = await countCorrections();
    const stopAndGo = async () => {
      for (let round = 0; round < rounds; round++) {
        await sleep(500 + random() * 300);
        const isSwept = await watchSweep();
        victim.signal('SIGSTOP');
        if (isTakenForDead) await waitUntil(isSwept, 'another proxy has declared the suspended one dead', 30_000);
        else await sleep(2_000);
        victim.signal('SIGCONT');
        await waitUntilServed(victim.url);
      }
      isOver = true;
    };
    const [seen] = await Promise.all([experiment.load({ isOver: () => isOver, callers: 16 }), stopAndGo()]);
    const violations = await experiment.close({
      row: 'F21',
      fault: `proxy: SIGSTOP for ${name}`,
      faults: rounds,
      violations: findWrongAnswers(seen),
      detail: { refused: seen.filter(({ status }) => status === 503).length },
    });
    expect(violations).toEqual([]);
    const hasNoticed = () => logged() >= before + rounds;
    if (!isTakenForDead) return;
    await waitUntil(hasNoticed, 'the proxy has noticed each lost lease', 20_000);
    const isCorrected = async () => (await countCorrections()) > correctionsBefore;
    await waitUntil(isCorrected, 'the proxy corrects a charge that another proxy made', 20_000);
  },
  timeoutMilliseconds,
);

(memoryGroup === undefined ? it.skip : it)(
  'F21: a proxy that the kernel has killed for lack of memory can start again, and every request is in the ledger (needs root)',
  async () => {
    const victim = findVictim();
    experiment.laboratory.upstream.mode = answerSoon({ afterMilliseconds: 20 });
    await experiment.renewGrants({}, {}, {});
    const rounds = scale(1, 10);
    let isOver = false;
    const ends: string[] = [];
    const exhaust = async () => {
      for (let round = 0; round < rounds; round++) {
        // The limit is only for memory that the process takes from now on: what it has already stays charged to its
        // former control group.
        memoryGroup?.add(victim.pid, { megabytes: 20 });
        const { ended } = victim;
        const fat = Array.from({ length: 12 }, () =>
          fetch(`${victim.url}/openai/v1/chat/completions`, {
            method: 'POST',
            headers: { authorization: `Bearer ${probe.accessToken}`, 'content-type': 'application/json' },
            body: Buffer.alloc(20_000_000, ' '),
          }).catch(() => undefined),
        );
        ends.push(await ended);
        await Promise.all(fat);
        await victim.start();
        await waitUntilServed(victim.url);
      }
      isOver = true;
    };
    await Promise.all([experiment.load({ isOver: () => isOver, callers: 8 }), exhaust()]);
    const violations = await experiment.close({
      row: 'F21',
      fault: 'proxy: killed for lack of memory',
      faults: rounds,
    });
    expect(violations).toEqual([]);
    expect(ends).toEqual(ends.map(() => 'it ended (SIGKILL)'));
  },
  timeoutMilliseconds,
);

// this test must be the last one: without root the limit cannot be raised again
itOnLinux(
  'F21: a proxy with only 256 file descriptors refuses the requests for which it has none left, and continues',
  async () => {
    const victim = findVictim();
    experiment.laboratory.upstream.mode = answerSoon({ afterMilliseconds: 100 });
    // Several grants: each request has a number that is unique in its grant and below 16,000 (`maxNumber` in
    // `load.ts`). Refused requests use up numbers too, and they are fast, so one grant's numbers would not suffice.
    await experiment.renewGrants(...Array.from({ length: scale(3, 15) }, () => ({})));
    const { pid } = victim;
    const { status } = spawnSync('prlimit', ['--pid', String(pid), '--nofile=256:256']);
    expect(status).toBe(0);
    const until = performance.now() + scale(2_500, 30_000);
    const seen = await experiment.load({
      targets: [victim.url],
      callers: 400,
      isOver: () => performance.now() > until,
    });
    await waitUntilServed(victim.url);
    const violations = await experiment.close({
      row: 'F21',
      fault: 'proxy: 256 file descriptors, 400 connections',
      faults: 1,
      detail: { answers: countBy(seen, ({ status: code }) => String(code ?? 'no connection')) },
    });
    expect(violations).toEqual([]);
    expect(findWrongAnswers(seen.filter(isAnswered))).toEqual([]);
    expect(victim.pid).toBe(pid);
  },
  timeoutMilliseconds,
);
