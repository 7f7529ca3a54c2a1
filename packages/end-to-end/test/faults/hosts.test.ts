import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Machine, startThreeHosts, type ThreeHosts } from './hosts/three-hosts.js';
import { answerSoon } from './support/billing-upstream.js';
import { waitForQuiet } from './support/books.js';
import { Experiment } from './support/experiment.js';
import { Journal } from './support/journal.js';
import type { ChatResult } from './support/load.js';
import { findWrongAnswers } from './support/refusals.js';
import { findForwardedLate, findSentLate } from './support/revocations.js';
import { timeoutMilliseconds } from './support/scale.js';

/** Set by scripts/rehearse-hosts.mjs, which runs this file in its own network namespace. */
const isRehearsal = process.env['REHEARSAL'] === 'hosts';
const note = isRehearsal ? '' : ' (skipped: npm run rehearse:hosts runs them)';

let hosts: ThreeHosts;
let experiment: Experiment<ThreeHosts>;

beforeAll(async () => {
  if (!isRehearsal) return;
  hosts = await startThreeHosts();
  hosts.upstream.mode = answerSoon({ afterMilliseconds: 20 });
  experiment = new Experiment(hosts);
}, timeoutMilliseconds);

afterAll(async () => {
  await hosts?.stop();
}, timeoutMilliseconds);

/** Longer than the lease of a proxy (LEASE_SECONDS) and the sweep after it. */
const longMilliseconds = 15_000;
const shortMilliseconds = 5_000;
/** A request waits for the database for three seconds at most. The rest is for a machine with few cores. */
const refusalMilliseconds = 4_000;
const patience = { connectMilliseconds: 2_000, answerMilliseconds: 8_000 };

/** The time in which a machine cannot be reached, or is starting. All times are `performance.now()`. */
interface Absence {
  readonly target: string;
  readonly from: number;
  until: number;
}

interface Trouble {
  readonly row: string;
  readonly fault: string;
  /** Does the damage and repairs it. `leave` notes that a machine is away, until the returned function is called. */
  readonly inflict: (leave: (machine: Machine) => () => void) => Promise<Readonly<Record<string, unknown>>>;
}

/** Runs load and owners’ acts during the trouble. Every invariant must hold during the trouble and afterwards. */
async function suffer({ row, fault, inflict }: Trouble): Promise<void> {
  await experiment.renewGrants({}, {}, { maxRequests: 400 }, { maxCost: 20_000_000n });
  const doomed = await experiment.addGrant();
  const journal = new Journal(hosts);
  const absences: Absence[] = [];
  const revokedAt = new Map<number, number>();
  const leave = ({ proxyUrl }: Machine) => {
    const absence = { target: proxyUrl, from: performance.now(), until: Number.POSITIVE_INFINITY };
    absences.push(absence);
    return () => {
      absence.until = performance.now();
    };
  };
  let isOver = false;
  const trouble = async () => {
    await sleep(shortMilliseconds);
    await hosts.client.revokeToken(doomed.accessToken);
    revokedAt.set(doomed.grant, performance.now());
    const detail = await inflict(leave);
    await sleep(shortMilliseconds);
    return detail;
  };
  const [seen, , detail] = await Promise.all([
    experiment.load({ callers: 9, patience, isOver: () => isOver }),
    journal.write(() => isOver),
    trouble().finally(() => {
      isOver = true;
    }),
  ]);
  await waitForQuiet(hosts);
  const isExcused = ({ target, grant, sentAtMilliseconds, endedAtMilliseconds }: ChatResult) =>
    revokedAt.has(grant) ||
    absences.some(
      (absence) =>
        absence.target === target && sentAtMilliseconds < absence.until && endedAtMilliseconds > absence.from,
    );
  const late = findSentLate(seen, revokedAt);
  const refused = seen.filter((one) => one.status === 503 && !isExcused(one));
  const violations = await experiment.close({
    row,
    fault,
    faults: 1,
    violations: [
      ...findForwardedLate(late, hosts.upstream.bills),
      ...findWrongAnswers(
        seen.filter((one) => !isExcused(one)),
        refusalMilliseconds,
      ),
      ...(await journal.findLost()),
    ],
    detail: {
      answered: seen.filter(({ isWhole }) => isWhole).length,
      refused: refused.length,
      slowestRefusalMilliseconds: Math.round(
        Math.max(0, ...refused.map((one) => one.endedAtMilliseconds - one.sentAtMilliseconds)),
      ),
      acknowledged: journal.acknowledged,
      sentAfterRevocation: late.length,
      ...detail,
    },
  });
  expect(violations).toEqual([]);
  expect(late.length).toBeGreaterThan(0);
  expect(journal.acknowledged).toBeGreaterThan(2);
}

/** @returns how long it took until the servers of these machines were ready */
async function measureReturn(machines: readonly Machine[]): Promise<number> {
  const from = performance.now();
  await hosts.waitUntilReady(machines);
  return Math.round(performance.now() - from);
}

/** @returns how long it took until the next request had reached the AI provider */
async function measureService(): Promise<number> {
  const from = performance.now();
  const { bills } = hosts.upstream;
  for (const before = bills.length; bills.length === before; ) await sleep(5);
  return Math.round(performance.now() - from);
}

(isRehearsal ? describe : describe.skip)(`three hosts${note}`, () => {
  it(
    'F8: while a host is cut off, the others continue to serve; afterwards its servers recover by themselves',
    () =>
      suffer({
        row: 'H1',
        fault: 'three hosts: one is cut off from the others and from clients',
        inflict: async (leave) => {
          const third = hosts.machines[2];
          const comeBack = leave(third);
          third.host.cutOff();
          await sleep(longMilliseconds);
          third.host.reconnect();
          const returnMilliseconds = await measureReturn([third]);
          comeBack();
          return { returnMilliseconds };
        },
      }),
    timeoutMilliseconds,
  );

  it(
    'F8: killing a host with a standby loses nothing, and its servers recover when it is switched on again',
    () =>
      suffer({
        row: 'H2',
        fault: 'three hosts: one is switched off, with its servers and its standby',
        inflict: async (leave) => {
          const second = hosts.machines[1];
          const comeBack = leave(second);
          await second.host.switchOff();
          await sleep(longMilliseconds);
          await second.host.switchOn();
          const returnMilliseconds = await measureReturn([second]);
          comeBack();
          return { returnMilliseconds };
        },
      }),
    timeoutMilliseconds,
  );

  it(
    'F8: when the host of the primary is killed, a synchronous standby takes its place and nothing that was acknowledged is lost',
    () =>
      suffer({
        row: 'H3',
        fault: 'three hosts: that of the primary is switched off, and a synchronous standby is promoted',
        inflict: async (leave) => {
          const [first, second, third] = hosts.machines;
          const comeBack = leave(first);
          await first.host.switchOff();
          await sleep(shortMilliseconds);
          const primary = await hosts.promote([second, third]);
          const healingMilliseconds = await measureService();
          await hosts.requireStandbys(
            primary,
            [second, third].filter((machine) => machine !== primary),
          );
          await sleep(shortMilliseconds);
          await hosts.rebuild(first, primary);
          await first.host.switchOn();
          const returnMilliseconds = await measureReturn([first]);
          comeBack();
          return { healingMilliseconds, returnMilliseconds };
        },
      }),
    timeoutMilliseconds,
  );
});
