import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { waitUntil } from '../harness/wait-until.js';
import { answerSoon, streamTokens } from './support/billing-upstream.js';
import { countSettlements, waitForQuiet } from './support/books.js';
import { Experiment } from './support/experiment.js';
import { Journal } from './support/journal.js';
import { startLaboratory } from './support/laboratory.js';
import type { ChatResult } from './support/load.js';
import { PostgresUnderFault } from './support/postgres-under-fault.js';
import { createRandom } from './support/random.js';
import { findWrongAnswers } from './support/refusals.js';
import { bound, itOnLinux, scale, seed, timeoutMilliseconds } from './support/scale.js';
import { withTablesOnSmallDisk } from './support/tables-on-small-disk.js';

const maxConnections = 40;

let postgres: PostgresUnderFault;
let experiment: Experiment;
const random = createRandom(seed);

beforeAll(async () => {
  postgres = await PostgresUnderFault.start({ maxConnections });
  experiment = new Experiment(await startLaboratory({ postgres }));
  experiment.laboratory.upstream.mode = answerSoon({ afterMilliseconds: 5 });
}, timeoutMilliseconds);

afterAll(async () => {
  await experiment?.laboratory.stop();
  await postgres?.stop();
});

const healingMilliseconds = bound(5_000, 30_000);

interface Trouble {
  readonly row: string;
  readonly fault: string;
  readonly rounds: number;
  /** @returns `performance.now()` when the database worked again */
  readonly inflict: () => Promise<number>;
}

/** Runs load and owners' acts during the fault. Afterwards every acknowledged act must still hold. */
async function suffer({ row, fault, rounds, inflict }: Trouble): Promise<readonly ChatResult[]> {
  await experiment.renewGrants({}, {}, {}, {});
  const { upstream } = experiment.laboratory;
  const journal = new Journal(experiment.laboratory);
  const healedAt: number[] = [];
  let isOver = false;
  const faults = async () => {
    for (let round = 0; round < rounds; round++) {
      await sleep(150 + random() * 250);
      healedAt.push(await inflict());
      const forwarded = upstream.bills.length;
      await waitUntil(() => upstream.bills.length > forwarded + 20, 'the proxies serve again', healingMilliseconds);
    }
  };
  const [seen] = await Promise.all([
    experiment.load({ isOver: () => isOver }),
    journal.write(() => isOver),
    faults().finally(() => {
      isOver = true;
    }),
  ]);
  const healing = healedAt.map(
    (at) =>
      Math.min(...seen.filter((s) => s.isWhole && s.sentAtMilliseconds > at).map((s) => s.sentAtMilliseconds)) - at,
  );
  await waitForQuiet(experiment.laboratory);
  const violations = await experiment.close({
    row,
    fault,
    faults: rounds,
    violations: [...findWrongAnswers(seen), ...(await journal.findLost())],
    detail: {
      refused: seen.filter(({ status }) => status === 503).length,
      acknowledged: journal.acknowledged,
      slowestHealingMilliseconds: Math.round(Math.max(...healing)),
    },
  });
  expect(violations).toEqual([]);
  expect(seen.some(({ status }) => status === 503)).toBe(true);
  expect(Math.max(...healing)).toBeLessThan(healingMilliseconds);
  return seen;
}

// The ids at the beginning of titles are rows of docs/security.md.
itOnLinux(
  'F3: nothing that was acknowledged is lost when all of PostgreSQL is killed under load, and the proxies recover by themselves',
  () =>
    suffer({
      row: 'F3',
      fault: 'PostgreSQL: kill -9 of all its processes',
      rounds: scale(2, 30),
      inflict: async () => {
        await postgres.killAll();
        await sleep(300);
        await postgres.startAgain();
        return performance.now();
      },
    }),
  timeoutMilliseconds,
);

itOnLinux.each(['fast', 'immediate'] as const)(
  'F4: a restart of PostgreSQL (%s) under load loses nothing',
  (mode) =>
    suffer({
      row: 'F4',
      fault: `PostgreSQL: restart -m ${mode}`,
      rounds: scale(1, 15),
      inflict: async () => {
        await postgres.end(mode);
        await postgres.startAgain();
        return performance.now();
      },
    }),
  timeoutMilliseconds,
);

it(
  'F4: when database connections break at any moment, nothing is lost: if the answer to a COMMIT is lost, its row is found by the id of the request',
  () =>
    suffer({
      row: 'F4',
      fault: 'PostgreSQL: storm of pg_terminate_backend',
      rounds: scale(6, 150),
      inflict: async () => {
        await experiment.laboratory.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'aipassport%'`,
        );
        return performance.now();
      },
    }),
  timeoutMilliseconds,
);

it(
  'F6: while the database is read-only nothing is admitted, and everything works when it accepts writes again',
  async () => {
    const { query, upstream } = experiment.laboratory;
    const setReadOnly = async (value: 'on' | 'off') => {
      // This connection itself stays writable. It is a superuser's, so it can change the setting for all others.
      await query('set default_transaction_read_only = off');
      await query(`alter system set default_transaction_read_only = ${value}`);
      await query('select pg_reload_conf()');
    };
    await suffer({
      row: 'F6',
      fault: 'PostgreSQL: read only',
      rounds: scale(1, 10),
      inflict: async () => {
        await setReadOnly('on');
        // requests that were admitted earlier are still being forwarded
        let forwarded = upstream.bills.length;
        const isQuiet = async () => {
          const before = forwarded;
          await sleep(1_000);
          forwarded = upstream.bills.length;
          return forwarded === before;
        };
        await waitUntil(isQuiet, 'nothing is admitted any more', 20_000);
        await sleep(700);
        expect(upstream.bills.length).toBe(forwarded);
        await setReadOnly('off');
        return performance.now();
      },
    });
  },
  timeoutMilliseconds,
);

it(
  'F6: while others hold every connection of the database, requests are refused until one is free',
  () =>
    suffer({
      row: 'F6',
      fault: 'PostgreSQL: max_connections exhausted',
      rounds: scale(1, 10),
      inflict: async () => {
        const taken = await takeAllConnections();
        await sleep(1_000);
        await Promise.all(taken.map((connection) => connection.end()));
        return performance.now();
      },
    }),
  timeoutMilliseconds,
);

(process.platform === 'linux' && process.getuid?.() === 0 ? it : it.skip)(
  'F6: on a full disk requests are refused, and everything works again when there is room (needs root)',
  () =>
    withTablesOnSmallDisk(experiment.laboratory.query, (disk) =>
      suffer({
        row: 'F6',
        fault: 'PostgreSQL: disk full',
        rounds: scale(1, 10),
        inflict: async () => {
          const refused = countRefused();
          disk.fill();
          await waitUntil(() => countRefused() > refused + 10, 'requests are refused', 20_000);
          await sleep(500);
          disk.empty();
          return performance.now();
        },
      }),
    ),
  timeoutMilliseconds,
);

/** Counts the answers with status 503 in the proxies' logs. */
function countRefused(): number {
  return experiment.laboratory.resourceProxies
    .map((proxy) => proxy.output().split('"status":503').length - 1)
    .reduce((sum, count) => sum + count, 0);
}

it(
  'F7: streams that are open when the database fails run to their end, and are settled when it is back',
  async () => {
    const { resourceProxies, upstream } = experiment.laboratory;
    upstream.mode = streamTokens({ chunks: 50, everyMilliseconds: 50 });
    const rounds = scale(1, 10);
    const before = await countSettlements(experiment.laboratory);
    for (let round = 0; round < rounds; round++) {
      const forwarded = upstream.bills.length;
      const streams = experiment.load({
        streamsOfTen: 10,
        callers: 20,
        isOver: () => upstream.bills.length >= forwarded + 20,
      });
      while (upstream.bills.length < forwarded + 20) await sleep(10);
      for (const { databaseLine } of resourceProxies) databaseLine.inject({ kind: 'cut' });
      const seen = await streams;
      expect(seen.filter(({ status, isWhole }) => status === 200 && !isWhole)).toEqual([]);
      expect(seen.filter(({ isWhole }) => isWhole).length).toBeGreaterThanOrEqual(20);
      await sleep(200);
      for (const { databaseLine } of resourceProxies) databaseLine.heal();
    }
    const violations = await experiment.close({
      row: 'F7',
      fault: 'database lost while streams are open',
      faults: rounds,
    });
    expect(violations).toEqual([]);
    // The proxies had no database for longer than a lease. Still, none was declared dead, so the streams were charged
    // their exact cost and not their whole reservation.
    expect((await countSettlements(experiment.laboratory))['abandoned']).toBe(before['abandoned']);
  },
  timeoutMilliseconds,
);

/** Takes every connection of the database, including those of the servers. */
async function takeAllConnections(): Promise<readonly pg.Client[]> {
  const taken: pg.Client[] = [];
  const take = async (): Promise<boolean> => {
    const connection = new pg.Client({ connectionString: postgres.url });
    connection.on('error', () => undefined);
    try {
      await connection.connect();
    } catch {
      return false;
    }
    taken.push(connection);
    return true;
  };
  for (let left = 1; left > 0; ) {
    while (await take());
    const ended = await taken[0]?.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'aipassport%'`,
    );
    left = ended?.rowCount ?? 0;
  }
  return taken;
}
