import { noLimits } from '@aipassport/policy';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { delegateGrant, revokeGrant } from '../src/authorization/index.js';
import {
  correctCharge,
  type Database,
  deleteExpired,
  dropLedgerBefore,
  setRetention,
  verifyLedger,
} from '../src/index.js';
import { endLease, settleDeadReplicas, settleRequests, watchClock } from '../src/proxying/index.js';
import { createTestDatabase, type TestDatabase, waitPastMidnight } from '../src/testing.js';
import { addAccount, addClient, addGrant } from './fixtures.js';
import { announceReplica, countRows, fillLedger, reserveRequest, serveRequest } from './ledger-fixtures.js';
import { createWrongClock } from './wrong-clock.js';

const yearSeconds = 366 * 86_400;

let test: TestDatabase;
beforeEach(waitPastMidnight);
beforeEach(async () => {
  test = await createTestDatabase(process.env['TEST_DATABASE_URL']);
});
afterEach(() => test.close());

async function delegate(db: Database, parentId: string): Promise<string> {
  const expiresAt = new Date(Date.now() + 3 * yearSeconds * 1_000);
  const made = await db
    .transaction()
    .execute((transaction) =>
      delegateGrant(transaction, { parentId, tokens: [], limits: noLimits, reason: undefined, expiresAt }),
    );
  if (made.kind !== 'made') throw new Error(made.kind);
  return made.grant.id;
}

const clean = async (table: string) => {
  await sql`delete from maintenance`.execute(test.db);
  return deleteExpired(test.db, { table, worker: 'worker' });
};
const endDaysAgo = (ids: readonly string[], days: number) =>
  sql`update grants set expires_at = now() - make_interval(days => ${days}) where id = any (${[...ids]})`.execute(
    test.db,
  );
const spentOf = async (id: string) =>
  (
    await sql<{ spent: bigint; day_cost: bigint; month_cost: bigint }>`
    select spent, day_cost, month_cost from grants where id = ${id}`.execute(test.db)
  ).rows[0];

it('a grant below another is removed some time after its end, and its spending still counts for the grants above it', async () => {
  await setRetention(test.db, { auditEvents: undefined, endedGrants: 7, unusedClients: undefined });
  const top = await addGrant(test.db, { lifetimeSeconds: 3 * yearSeconds });
  const [child, other] = [await delegate(test.db, top), await delegate(test.db, top)];
  const grandchild = await delegate(test.db, child);
  const replicaId = await announceReplica(test.db);
  for (const grantId of [top, child, grandchild, other]) await serveRequest(test.db, { grantId, replicaId });
  const late = await announceReplica(test.db);
  const abandoned = await reserveRequest(test.db, { grantId: grandchild, replicaId: late });
  await endLease(test.db, late);
  expect(await settleDeadReplicas(test.db)).toBe(1);

  // Grants below another are kept longer, because a repair of the counters after a wrong clock adds up what they have spent in a month.
  await endDaysAgo([child, grandchild], 20);
  expect(await clean('grants')).toBe(0);
  await endDaysAgo([child, grandchild], 50);
  // A grant is removed after the grants below it.
  expect([await clean('grants'), await clean('grants'), await clean('grants')]).toEqual([1, 1, 0]);
  expect(await countRows(test.db, 'delegated_grants')).toBe(1);
  expect((await spentOf(top))?.spent).toBe(4n * 40n + 100n);
  expect(await verifyLedger(test.db)).toEqual([]);

  // The replica was not dead: it reports the cost of a request whose grant has been removed.
  await settleRequests(test.db, [
    { requestId: abandoned, grantId: grandchild, accountId: 'account', settlement: 'reported', cost: 30n },
  ]);
  expect((await spentOf(top))?.spent).toBe(4n * 40n + 30n);
  await correctCharge(test.db, { requestId: abandoned, cost: 35n, reason: 'test' });
  expect((await spentOf(top))?.spent).toBe(4n * 40n + 35n);
  expect(await verifyLedger(test.db)).toEqual([]);
});

it('after a month of the ledger is dropped, the sums of a whole tree stay correct, even if grants of the tree were removed', async () => {
  const top = await addGrant(test.db);
  const child = await delegate(test.db, top);
  const grandchild = await delegate(test.db, child);
  await sql`select create_ledger_partition('2020-01-01')`.execute(test.db);
  const [from, to] = [new Date('2020-01-01Z'), new Date('2020-02-01Z')];
  await fillLedger(test.db, { grantIds: [top, child, grandchild], count: 30, from, to });
  // `fillLedger` counts a request only for its own grant, not for the grants above it.
  await sql`
    update grants g set (used_requests, spent) = (
      select count(*), sum(cost) from ledger l where starts_with(l.grant_id || '.', g.id || '.'))`.execute(test.db);
  expect(await verifyLedger(test.db)).toEqual([]);
  await sql`delete from grants where id = ${grandchild}`.execute(test.db);
  await dropLedgerBefore(test.db, { before: new Date('2020-02-01Z') });
  expect(await verifyLedger(test.db)).toEqual([]);
  expect(await clean('ledger_archive')).toBe(0);
  expect(await verifyLedger(test.db)).toEqual([]);
  await sql`update grants set spent = spent + 1 where id = ${top}`.execute(test.db);
  expect(await verifyLedger(test.db)).toMatchObject([{ grantId: top, counter: 'spent' }]);
});

it('the grants of a whole tree can be deleted in one statement, as when their client is deleted', async () => {
  const clientId = await addClient(test.db);
  const top = await addGrant(test.db, { clientId, accountId: await addAccount(test.db) });
  await delegate(test.db, await delegate(test.db, top));
  await revokeGrant(test.db, { grantId: top, reason: 'operator', revokedBy: 'operator' });
  await sql`delete from grants where client_id = ${clientId}`.execute(test.db);
  expect(await countRows(test.db, 'delegated_grants')).toBe(0);
});

it('after a clock that was two years ahead has been corrected, all grants of a tree count the right day and month', async () => {
  const clock = await createWrongClock(test);
  const limits = { maxCostPerDay: 220n, maxCostPerMonth: 400n };
  const top = await addGrant(clock.db, { lifetimeSeconds: 3 * yearSeconds, limits });
  const [child, quiet] = [await delegate(clock.db, top), await delegate(clock.db, top)];
  const serve = async (grantId: string) =>
    serveRequest(clock.db, { grantId, replicaId: await announceReplica(clock.db) });
  await watchClock(clock.db);
  for (const grantId of [top, child, quiet]) await serve(grantId);
  await clock.set('2 years');
  await watchClock(clock.db);
  for (const grantId of [child, top]) await serve(grantId);
  await clock.set('0');
  expect(await watchClock(clock.db)).toBe(true);
  expect(await verifyLedger(test.db)).toEqual([]);
  expect(await spentOf(top)).toEqual({ spent: 200n, day_cost: 120n, month_cost: 120n });
  expect(await spentOf(child)).toEqual({ spent: 80n, day_cost: 40n, month_cost: 40n });
  await serve(quiet);
  await expect(serve(child)).resolves.toBeDefined();
  await expect(serve(child)).rejects.toThrow('day_budget_exhausted');
  expect(await verifyLedger(test.db)).toEqual([]);
  await clock.close();
});

it('making a grant below another reads only the live grants of the tree, even if many others have ended', async () => {
  const top = await addGrant(test.db);
  const live = [await delegate(test.db, top), await delegate(test.db, top)];
  const addEndedGrants = (count: number, isRevoked: boolean) =>
    sql`
      with inserted as (
        insert into grants (id, account_id, client_id, scope, status, revoked_at, revoked_reason, expires_at)
        select id || '.' || translate(left(encode(sha256((id || n || ${isRevoked})::bytea), 'base64'), 22), '+/', '-_'),
          account_id, client_id, scope, case when ${isRevoked} then 'revoked' else 'active' end,
          case when ${isRevoked} then now() end, case when ${isRevoked} then 'client' end, now() - interval '1 second'
        from grants cross join generate_series(1, ${count}) as n where id = ${top}
        returning id
      )
      insert into delegated_grants (grant_id, parent_grant_id) select id, ${top} from inserted`.execute(test.db);
  await addEndedGrants(1_000, true);
  await addEndedGrants(1_000, false);
  await sql`analyze grants, delegated_grants`.execute(test.db);
  const countReads = async (db: Database) => {
    const { rows } = await sql<{ count: number }>`
      select sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::integer as count
      from pg_stat_xact_user_tables where relname in ('grants', 'delegated_grants')`.execute(db);
    return rows[0]?.count ?? 0;
  };
  const terms = { tokens: [], limits: noLimits, reason: undefined, expiresAt: new Date(Date.now() + 60_000) };
  const reads = await test.db.transaction().execute(async (transaction) => {
    const before = await countReads(transaction);
    expect(await delegateGrant(transaction, { ...terms, parentId: live[0] ?? '' })).toMatchObject({ kind: 'made' });
    return (await countReads(transaction)) - before;
  });
  expect(reads).toBeLessThan(50);
});
