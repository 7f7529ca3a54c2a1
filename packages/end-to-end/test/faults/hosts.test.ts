import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Machine, startThreeHosts, type ThreeHosts } from './hosts/three-hosts.js';
import { answerAtPace } from './support/billing-upstream.js';
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
/** The host whose PostgreSQL is the primary. */
let primary: Machine;

beforeAll(async () => {
  if (!isRehearsal) return;
  hosts = await startThreeHosts();
  [primary] = hosts.machines;
  hosts.upstream.mode = answerAtPace(tokensPerSecond);
  experiment = new Experiment(hosts);
}, timeoutMilliseconds);

afterAll(async () => {
  await hosts?.stop();
}, timeoutMilliseconds);

/** Longer than the lease of a proxy (LEASE_SECONDS) and the sweep after it. */
const longMilliseconds = 15_000;
const shortMilliseconds = 5_000;
/** A request waits for the database for three seconds at most. The rest is for a machine with few cores. */
const refusalMilliseconds = 5_000;
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
  /**
   * Does the damage and repairs it. `leave` notes that a machine is away, until the returned function is called.
   * @returns how long it took until the servers were back
   */
  readonly inflict: (
    leave: (machine: Machine) => () => void,
    round: number,
  ) => Promise<Readonly<Record<string, number>>>;
}

const rounds = 3;
/** A little slower than the fastest model of the catalogue. */
const tokensPerSecond = 250;
/** The pause between acts of the owner, because the servers limit the acts of one account in ten minutes. */
const actMilliseconds = 1_000;

/**
 * Runs load and owners’ acts during the trouble, which happens several times. Every invariant must hold during the
 * trouble and afterwards.
 */
async function suffer({ row, fault, inflict }: Trouble): Promise<void> {
  await experiment.renewGrants({}, {}, { maxRequests: 400 }, { maxCost: 20_000_000n });
  const doomed = await Promise.all(Array.from({ length: rounds }, () => experiment.addGrant()));
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
    const slowest: Record<string, number> = {};
    for (const [round, { accessToken, grant }] of doomed.entries()) {
      await sleep(shortMilliseconds);
      await hosts.client.revokeToken(accessToken);
      revokedAt.set(grant, performance.now());
      for (const [name, value] of Object.entries(await inflict(leave, round)))
        slowest[name] = Math.max(slowest[name] ?? 0, value);
      await sleep(shortMilliseconds);
    }
    return slowest;
  };
  const [seen, , detail] = await Promise.all([
    experiment.load({ callers: 24, patience, isOver: () => isOver }),
    journal.write(() => isOver, actMilliseconds),
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
    faults: rounds,
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

/** One of the hosts whose PostgreSQL is a standby: another one in each round. */
function withStandby(round: number): Machine {
  const standbys = hosts.machines.filter((machine) => machine !== primary);
  const machine = standbys[round % standbys.length];
  if (machine === undefined) throw new Error('no host has a standby');
  return machine;
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
  // The ids at the beginning of titles are rows of docs/security.md.
  it(
    'F8: while a host is cut off, the others continue to serve; afterwards its servers recover by themselves',
    () =>
      suffer({
        row: 'H1',
        fault: 'three hosts: one is cut off from the others and from clients',
        inflict: async (leave, round) => {
          const machine = withStandby(round);
          const comeBack = leave(machine);
          machine.host.cutOff();
          await sleep(longMilliseconds);
          machine.host.reconnect();
          const slowestReturnMilliseconds = await measureReturn([machine]);
          comeBack();
          return { slowestReturnMilliseconds };
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
        inflict: async (leave, round) => {
          const machine = withStandby(round);
          const comeBack = leave(machine);
          await machine.host.switchOff();
          await sleep(longMilliseconds);
          await machine.host.switchOn();
          const slowestReturnMilliseconds = await measureReturn([machine]);
          comeBack();
          return { slowestReturnMilliseconds };
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
          const dead = primary;
          const standbys = hosts.machines.filter((machine) => machine !== dead);
          const comeBack = leave(dead);
          await dead.host.switchOff();
          await sleep(shortMilliseconds);
          primary = await hosts.promote(standbys);
          const slowestHealingMilliseconds = await measureService();
          await hosts.requireStandbys(
            primary,
            standbys.filter((machine) => machine !== primary),
          );
          await sleep(shortMilliseconds);
          await hosts.rebuild(dead, primary);
          await dead.host.switchOn();
          const slowestReturnMilliseconds = await measureReturn([dead]);
          await hosts.requireStandbys(
            primary,
            hosts.machines.filter((machine) => machine !== primary),
          );
          comeBack();
          return { slowestHealingMilliseconds, slowestReturnMilliseconds };
        },
      }),
    timeoutMilliseconds,
  );
});
