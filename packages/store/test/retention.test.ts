import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { revokeGrant, touchClient, upsertArtifact, upsertClient } from '../src/authorization/index.js';
import {
  deleteExpired,
  dropLedgerBefore,
  type Retention,
  readUpkeep,
  setRetention,
  verifyLedger,
} from '../src/index.js';
import { admitRequests } from '../src/proxying/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';
import { addAccount, addGrant } from './fixtures.js';
import { announceReplica, countRows, fillLedger, serveRequest } from './ledger-fixtures.js';

const keepAll: Retention = { auditEvents: undefined, endedGrants: undefined, unusedClients: undefined };

let test: TestDatabase;
beforeEach(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
});
afterEach(() => test.close());

const clean = (table: string) => deleteExpired(test.db, { table, worker: 'worker' });

/** Deletes the record of when each table was last cleaned, so that each table can be cleaned again at once. */
const forgetCleaning = () => sql`delete from maintenance`.execute(test.db);

it('the audit log is kept for ever, or for the number of days that the operator has set', async () => {
  for (const days of [500, 400, 1])
    await sql`insert into audit_events (event, at) values ('signed_in', now() - make_interval(days => ${days}))`.execute(
      test.db,
    );
  await setRetention(test.db, keepAll);
  expect(await clean('audit_events')).toBe(0);
  await setRetention(test.db, { ...keepAll, auditEvents: 365 });
  expect((await readUpkeep(test.db)).overdue).toMatchObject([{ table: 'audit_events' }]);
  expect(await clean('audit_events')).toBe(2);
  expect((await readUpkeep(test.db)).overdue).toEqual([]);
  await forgetCleaning();
  await setRetention(test.db, keepAll);
  expect(await clean('audit_events')).toBe(0);
  // each change of the setting is an event too
  const { rows } = await sql`select event, detail from audit_events order by id`.execute(test.db);
  expect(rows).toEqual([
    { event: 'signed_in', detail: {} },
    { event: 'retention_changed', detail: { audit_events: 365, by: 'command' } },
    { event: 'retention_changed', detail: { audit_events: null, by: 'command' } },
  ]);
});

async function end(grantId: string, how: 'expired' | 'revoked', daysAgo: number): Promise<void> {
  const at = sql`now() - make_interval(days => ${daysAgo})`;
  if (how === 'expired') await sql`update grants set expires_at = ${at} where id = ${grantId}`.execute(test.db);
  else {
    await revokeGrant(test.db, { grantId, reason: 'owner', revokedBy: 'test' });
    await sql`update grants set revoked_at = ${at} where id = ${grantId}`.execute(test.db);
  }
}

it('an ended grant and its revocation are removed after the set time; its ledger stays, and agrees with the counters', async () => {
  const replicaId = await announceReplica(test.db);
  const grantIds = await Promise.all([1, 2, 3, 4, 5].map(() => addGrant(test.db)));
  const [revoked, expired, late, alive, other] = grantIds;
  await sql`select create_ledger_partition('2020-01-01')`.execute(test.db);
  await fillLedger(test.db, { grantIds, count: 50, from: new Date('2020-01-01Z'), to: new Date('2020-02-01Z') });
  for (const grantId of grantIds) await serveRequest(test.db, { grantId, replicaId });
  await end(revoked ?? '', 'revoked', 40);
  await end(expired ?? '', 'expired', 40);
  await end(late ?? '', 'expired', 20);
  await setRetention(test.db, { ...keepAll, endedGrants: 30 });
  expect(await clean('grants')).toBe(2);
  const { rows } = await sql<{ id: string }>`select id from grants`.execute(test.db);
  expect(new Set(rows.map(({ id }) => id))).toEqual(new Set([late, alive, other]));
  expect(await countRows(test.db, 'revocations')).toBe(0);
  expect(await countRows(test.db, 'ledger')).toBe(55);
  expect(await verifyLedger(test.db)).toEqual([]);

  // The grant's row has been removed, so no request with one of its tokens is admitted.
  await expect(serveRequest(test.db, { grantId: revoked ?? '', replicaId })).rejects.toThrow('not admitted: unknown');

  // A month that is dropped later does not bring sums of removed grants back.
  expect(await dropLedgerBefore(test.db, { before: new Date('2020-02-01Z') })).toEqual(['ledger_2020_01']);
  const dropped = sql`select detail from audit_events where event = 'ledger_month_dropped'`;
  expect((await dropped.execute(test.db)).rows).toEqual([{ detail: { partition: 'ledger_2020_01', by: 'command' } }]);
  expect(await countRows(test.db, 'ledger_archive')).toBe(3);
  expect(await verifyLedger(test.db)).toEqual([]);
});

it('an ended grant stays while one of its requests is not settled, or a token that was issued for it is stored', async () => {
  const replicaId = await announceReplica(test.db);
  const [open, issued] = [await addGrant(test.db), await addGrant(test.db)];
  const request = { requestId: randomUUID(), grantId: open, accountId: 'a', estimate: 0n, floor: 0n, tokens: 1 };
  const asked = { ...request, isStream: false, upstream: 'openai' as const, model: 'gpt-4o', operation: 'o' };
  await admitRequests(test.db, { replicaId, catalogueVersion: 'test', requests: [asked] });
  const artifact = { model: 'RefreshToken', idHash: 'h', payload: {}, grantId: issued, uid: undefined };
  await upsertArtifact(test.db, { ...artifact, expiresInSeconds: 600 });
  await setRetention(test.db, { ...keepAll, endedGrants: 1 });
  for (const grantId of [open, issued]) await end(grantId, 'expired', 2);
  expect(await clean('grants')).toBe(0);
  await sql`delete from reservations`.execute(test.db);
  await sql`delete from artifacts`.execute(test.db);
  await forgetCleaning();
  expect(await clean('grants')).toBe(2);
});

it('the archived sums of a removed grant are removed too', async () => {
  const grantId = await addGrant(test.db);
  await sql`insert into ledger_archive (grant_id, requests, cost) values ('gone', 1, 1), (${grantId}, 0, 0)`.execute(
    test.db,
  );
  expect(await clean('ledger_archive')).toBe(1);
  expect(await verifyLedger(test.db)).toEqual([]);
});

async function addRegisteredClient(id: string, unusedDays: number): Promise<void> {
  const values = { id, name: id, metadata: {}, secretHash: undefined, webOrigins: [] };
  await upsertClient(test.db, { ...values, registeredBy: 'registration' });
  await sql`
    insert into client_uses (client_id, last_used_at) values (${id}, now() - make_interval(days => ${unusedDays}))`.execute(
    test.db,
  );
  await sql`update clients set created_at = now() - interval '900 days' where id = ${id}`.execute(test.db);
}

it('clients that registered themselves, have no grant and are unused are removed', async () => {
  await addRegisteredClient('unused', 91);
  await addRegisteredClient('used', 91);
  await touchClient(test.db, 'used');
  await addRegisteredClient('young', 89);
  await addRegisteredClient('granted', 91);
  const grantId = await addGrant(test.db, { clientId: 'granted' });
  await addGrant(test.db); // the operator registered this grant's client
  await sql`update clients set created_at = now() - interval '900 days' where registered_by = 'operator'`.execute(
    test.db,
  );
  await setRetention(test.db, { ...keepAll, unusedClients: 90 });
  expect(await clean('clients')).toBe(1);
  const { rows } = await sql<{ id: string }>`
    select id from clients where registered_by = 'registration' order by id`.execute(test.db);
  expect(rows.map(({ id }) => id)).toEqual(['granted', 'used', 'young']);

  // The client is kept for as long as it has grants.
  await end(grantId, 'revoked', 40);
  await forgetCleaning();
  expect(await clean('clients')).toBe(0);
  await setRetention(test.db, { ...keepAll, unusedClients: 90, endedGrants: 30 });
  expect(await clean('grants')).toBe(1);
  await forgetCleaning();
  expect(await clean('clients')).toBe(1);
});

it('a client that belongs to an account stays, however long it is unused', async () => {
  await addRegisteredClient('owned', 500);
  await sql`
    insert into client_owners (client_id, account_id, type) values ('owned', ${await addAccount(test.db)}, 'web')`.execute(
    test.db,
  );
  await setRetention(test.db, { ...keepAll, unusedClients: 90 });
  expect(await clean('clients')).toBe(0);
});

it('all ended grants are removed, although each step examines only a part of the grants', async () => {
  const clientId = 'c';
  await addRegisteredClient(clientId, 0);
  await sql`insert into accounts (id, email, password_hash) values ('a', 'a@example.com', '')`.execute(test.db);
  await sql`
    insert into grants (id, account_id, client_id, scope, expires_at)
    select n::text, 'a', ${clientId}, '', now() + case when n % 3 = 0 then interval '-2 days' else interval '1 day' end
    from generate_series(1, 3000) as n`.execute(test.db);
  await setRetention(test.db, { ...keepAll, endedGrants: 1 });
  expect(await clean('grants')).toBe(1_000);
  expect(await countRows(test.db, 'grants')).toBe(2_000);
});
