import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { reportResult } from '@aipassport/store/testing';
import { afterEach, expect } from '@jest/globals';
import { chatStatus } from '../harness/chat.js';
import { CloseStack } from '../harness/close-stack.js';
import { beginCommand } from '../harness/operator-command.js';
import { waitUntil } from '../harness/wait-until.js';
import { answerSoon, priceOf } from './support/billing-upstream.js';
import { waitForQuiet } from './support/books.js';
import { Experiment } from './support/experiment.js';
import { FaultLine } from './support/fault-line.js';
import { Journal } from './support/journal.js';
import { type LaboratoryOptions, startLaboratory } from './support/laboratory.js';
import type { ChatResult } from './support/load.js';
import { PostgresUnderFault } from './support/postgres-under-fault.js';
import { createRandom } from './support/random.js';
import { findWrongAnswers } from './support/refusals.js';
import { findForwardedLate, findSentLate } from './support/revocations.js';
import { bound, itOnLinux, scale, seed, timeoutMilliseconds } from './support/scale.js';

const random = createRandom(seed);
/** A standby is copied without the write-ahead log, so the primary keeps enough of it. */
const settings = { wal_keep_size: '512MB' };
const healingMilliseconds = bound(10_000, 40_000);
/** Longer than five seconds, the interval in which the servers update the mark in RESTORE_MARK_FILE. */
const lossMilliseconds = 6_000;
const closing = new CloseStack();

afterEach(() => closing.closeAll(), timeoutMilliseconds);

async function startPrimary(): Promise<PostgresUnderFault> {
  const primary = await PostgresUnderFault.start({ maxConnections: 60, settings });
  closing.push(() => primary.stop());
  return primary;
}

async function startExperiment(options: LaboratoryOptions): Promise<Experiment> {
  const laboratory = await startLaboratory({ authorizationServers: 2, ...options });
  closing.push(() => laboratory.stop());
  laboratory.upstream.mode = answerSoon({ afterMilliseconds: 20 });
  return new Experiment(laboratory);
}

const findRefused = (seen: readonly ChatResult[]) => seen.filter(({ status }) => status === 503);
const durationOf = ({ sentAtMilliseconds, endedAtMilliseconds }: ChatResult) =>
  endedAtMilliseconds - sentAtMilliseconds;

// The ids at the beginning of titles are rows of docs/security.md.
itOnLinux(
  'F8: a failover to a synchronous standby under load loses nothing that was acknowledged, and the servers find the new primary by themselves',
  async () => {
    let primary = await startPrimary();
    let standby = await primary.startStandby();
    closing.push(() => standby.stop());
    await primary.requireStandby();
    const experiment = await startExperiment({ postgres: primary, standby });
    const { client, upstream } = experiment.laboratory;
    const rounds = scale(1, 10);
    await experiment.renewGrants({}, {}, { maxRequests: scale(60, 600) }, { maxCost: 5_000_000n });
    const doomed = await Promise.all(Array.from({ length: rounds }, () => experiment.addGrant()));
    const journal = new Journal(experiment.laboratory);
    const revokedAt = new Map<number, number>();
    const promotedAt: number[] = [];
    let isOver = false;
    const failOver = async () => {
      for (const [round, access] of doomed.entries()) {
        if (round > 0) await restoreStandby();
        await sleep(500 + random() * 500);
        await client.revokeToken(access.accessToken);
        revokedAt.set(access.grant, performance.now());
        await primary.killAll();
        await sleep(500);
        await standby.promote();
        promotedAt.push(performance.now());
        const forwarded = upstream.bills.length;
        await waitUntil(() => upstream.bills.length > forwarded + 50, 'the proxies serve again', healingMilliseconds);
      }
    };
    /** Makes the dead primary a standby of the new one, on its old port. */
    const restoreStandby = async () => {
      const dead = primary;
      primary = standby;
      const restored = await primary.startStandby({ port: dead.port });
      standby = restored;
      await dead.stop();
      closing.push(() => restored.stop());
      await primary.requireStandby();
    };
    const [seen] = await Promise.all([
      experiment.load({ isOver: () => isOver }),
      journal.write(() => isOver),
      failOver().finally(() => {
        isOver = true;
      }),
    ]);
    await waitForQuiet(experiment.laboratory);
    const late = findSentLate(seen, revokedAt);
    const healing = promotedAt.map(
      (at) =>
        Math.min(
          ...seen.filter((one) => one.isWhole && one.sentAtMilliseconds > at).map((one) => one.endedAtMilliseconds),
        ) - at,
    );
    const refused = findRefused(seen);
    const violations = await experiment.close({
      row: 'F8',
      fault: 'PostgreSQL: kill -9 of the primary, failover to a synchronous standby',
      faults: rounds,
      violations: [
        ...findForwardedLate(late, upstream.bills),
        ...findWrongAnswers(
          seen.filter(({ grant }) => !revokedAt.has(grant)),
          bound(3_500, 20_000),
        ),
        ...(await journal.findLost()),
      ],
      detail: {
        refused: refused.length,
        slowestRefusalMilliseconds: Math.round(Math.max(0, ...refused.map(durationOf))),
        acknowledged: journal.acknowledged,
        sentAfterRevocation: late.length,
        slowestHealingMilliseconds: Math.round(Math.max(...healing)),
      },
    });
    expect(violations).toEqual([]);
    expect(refused.length).toBeGreaterThan(0);
    expect(late.length).toBeGreaterThan(0);
    expect(journal.acknowledged).toBeGreaterThan(0);
    expect(Math.max(...healing)).toBeLessThan(healingMilliseconds);
  },
  timeoutMilliseconds,
);

/** Cuts the replication, keeps the load running until the mark has been updated, and fails over to the standby. */
async function failOverWithLoss(environment: Readonly<Record<string, string>>) {
  const primary = await startPrimary();
  const replicationLine = await FaultLine.open(primary.port);
  closing.push(() => replicationLine.close());
  const standby = await primary.startStandby({ sourcePort: replicationLine.port });
  closing.push(() => standby.stop());
  const experiment = await startExperiment({ postgres: primary, standby, environment });
  const { client, databaseUrl, query, upstream } = experiment.laboratory;
  await experiment.renewGrants({}, {}, {});
  const revoked = await experiment.addGrant();
  // each proxy knows the token now, and from here on only the database can say that the grant has ended
  for (const target of experiment.laboratory.targets) expect(await chatStatus(target, revoked.accessToken)).toBe(200);
  await primary.waitUntilSent();

  replicationLine.inject({ kind: 'cut' });
  let isOver = false;
  const loading = experiment.load({ isOver: () => isOver });
  await client.revokeToken(revoked.accessToken);
  const revokedAt = new Map([[revoked.grant, performance.now()]]);
  await sleep(lossMilliseconds);
  await primary.killAll();
  await sleep(500);
  const forwarded = upstream.bills.length;
  await standby.promote();
  return {
    experiment,
    revoked,
    revokedAt,
    databaseUrl: databaseUrl.replace(`:${primary.port}/`, `:${standby.port}/`),
    /** The number of requests that have reached the AI provider since the failover. */
    countServed: () => upstream.bills.length - forwarded,
    /** The number and the cost of requests that the AI provider bills and that the new primary does not have. */
    async readLoss() {
      const [known] = await query<{ requests: number; cost: string }>(
        `select count(*)::integer as requests, coalesce(sum(cost), 0)::text as cost
         from (select cost from ledger union all select reserved from reservations) r`,
      );
      const billed = upstream.bills.slice(0, forwarded);
      const cost = billed.reduce((sum, bill) => sum + priceOf(bill), 0n) - BigInt(known?.cost ?? '0');
      return { lostRequests: billed.length - (known?.requests ?? 0), lostUsd: Number(cost) / 1e9 };
    },
    async endLoad() {
      isOver = true;
      return loading;
    },
  };
}

const roundsOfLoss = scale(1, 3);

/** One failover with loss. */
interface Round {
  readonly seen: readonly ChatResult[];
  readonly loss: { readonly lostRequests: number; readonly lostUsd: number };
  readonly violations: readonly string[];
}

/** Reports the sums of some rounds as one row. @returns their violations */
function reportRounds(setting: string, rounds: readonly Round[], detail: object = {}): readonly string[] {
  const violations = rounds.flatMap((round) => round.violations);
  const sum = (pick: (round: Round) => number) => rounds.reduce((total, round) => total + pick(round), 0);
  reportResult({
    row: 'F9',
    fault: `PostgreSQL: failover to an asynchronous standby that lags, ${setting}`,
    faults: rounds.length,
    requests: sum(({ seen }) => seen.length),
    violations,
    detail: {
      refused: sum(({ seen }) => findRefused(seen).length),
      lostRequests: sum(({ loss }) => loss.lostRequests),
      lostUsd: sum(({ loss }) => loss.lostUsd),
      ...detail,
    },
  });
  for (const { loss } of rounds) expect(loss.lostRequests).toBeGreaterThan(0);
  return violations;
}

/** Fails over with loss while every server has `RESTORE_MARK_FILE`, and ends all access afterwards. */
async function failOverWithMark(): Promise<Round> {
  const directory = mkdtempSync(path.join(tmpdir(), 'aipassport-marks-'));
  closing.push(() => rmSync(directory, { recursive: true, force: true }));
  const failover = await failOverWithLoss({ RESTORE_MARK_FILE: path.join(directory, 'mark') });
  const { experiment, revokedAt, databaseUrl } = failover;
  const { authorizationServers, resourceProxies } = experiment.laboratory;
  const saysWhy = async (url: string) =>
    (await (await fetch(`${url}/health/ready`)).text()).includes('run `aipassport restored`');
  for (const { url } of [...authorizationServers, ...resourceProxies])
    await waitUntil(() => saysWhy(url), `${url} says why it refuses`, healingMilliseconds);
  const loss = await failover.readLoss();
  const seen = await failover.endLoad();
  const violations = findWrongAnswers(seen.filter(({ grant }) => !revokedAt.has(grant)));
  if (failover.countServed() > 0) violations.push(`${failover.countServed()} requests were forwarded`);

  await beginCommand(databaseUrl, ['restored', '--end-all-access']).output;
  for (const { url } of resourceProxies) {
    const isReady = async () => (await fetch(`${url}/health/ready`)).ok;
    await waitUntil(isReady, `${url} is ready again`, 30_000);
    for (const { accessToken } of experiment.accesses) {
      const status = await chatStatus(url, accessToken);
      if (status !== 401) violations.push(`a request under a grant of the lost database was answered with ${status}`);
    }
  }
  return { seen, loss, violations };
}

itOnLinux(
  'F9: after a failover to an asynchronous standby that lagged, every server refuses until `restored` has ended all access that could come back',
  async () => {
    const rounds: Round[] = [];
    for (let round = 0; round < roundsOfLoss; round++) {
      rounds.push(await failOverWithMark());
      await closing.closeAll();
    }
    const violations = reportRounds('with `RESTORE_MARK_FILE`', rounds);
    expect(violations).toEqual([]);
  },
  timeoutMilliseconds,
);

itOnLinux(
  'F9: without `RESTORE_MARK_FILE`, a failover to an asynchronous standby that lagged is not noticed: spending is forgotten, and revoked access works again',
  async () => {
    const rounds: Round[] = [];
    let revocationsUndone = 0;
    for (let round = 0; round < roundsOfLoss; round++) {
      const failover = await failOverWithLoss({});
      const { experiment, revoked } = failover;
      const [proxy] = experiment.laboratory.resourceProxies;
      await waitUntil(() => failover.countServed() > 50, 'the proxies serve again', healingMilliseconds);
      const loss = await failover.readLoss();
      const seen = await failover.endLoad();
      if ((await chatStatus(proxy?.url ?? '', revoked.accessToken)) === 200) revocationsUndone += 1;
      rounds.push({ seen, loss, violations: [] });
      await closing.closeAll();
    }
    reportRounds('without `RESTORE_MARK_FILE`', rounds, { revocationsUndone });
    expect(revocationsUndone).toBe(roundsOfLoss);
  },
  timeoutMilliseconds,
);
