import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import pg from 'pg';
import { deleteAccount } from '../src/authorization/index.js';
import {
  type AuditVerification,
  type ChainEnd,
  deleteExpired,
  openDatabase,
  restartSealing,
  sealEvents,
  setRetention,
  verifyEvents,
} from '../src/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';
import { addEvents, keys, newKeys, sealAll } from './audit-fixtures.js';
import { addAccount } from './fixtures.js';

let test: TestDatabase;
beforeEach(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
});
afterEach(() => test.close());

/** As a superuser. */
const run = (text: string, parameters: readonly unknown[] = []) => test.query(text, parameters);

const seal = (sealingKeys = keys, seen?: ChainEnd) => sealAll(test.db, sealingKeys, seen);
const verify = (verifyingKeys = keys) => verifyEvents(test.db, verifyingKeys);
const findFault = async (): Promise<AuditVerification['fault']> => (await verify()).fault;

// The ids at the beginning of titles are rows of docs/security.md.
it('G3: a running server detects that the last events were deleted; so does a verification with a seal that was noted', async () => {
  const [old] = (await addEvents(test, 3).then(() => run('select state, code from audit_chain'))) as [
    { state: string; code: Buffer },
  ];
  const seen = await addEvents(test, 2);
  const expected = { sequence: seen.sequence, code: seen.code.toString('hex').slice(0, 32) };
  expect((await verifyEvents(test.db, keys, [expected])).fault).toBeUndefined();
  await run('delete from audit_events where id > 3');
  await run('delete from audit_seals where sequence > 3');
  await run('update audit_chain set state = $1, code = $2', [old.state, old.code]);
  expect(await findFault()).toBeUndefined();
  expect((await verifyEvents(test.db, keys, [expected])).fault).toEqual({ kind: 'not_expected', sequence: 5n });
  await expect(seal(keys, seen)).rejects.toThrow('has seen the seal 5');
  // The same happens when all seals have been deleted.
  await restartSealing(test.db);
  await expect(seal(keys, seen)).rejects.toThrow('has seen the seal 5');
});

it('G3: two servers that seal at the same time make one chain, and no event of a transaction that commits late is left out', async () => {
  const servers = [1, 2].map(() => openDatabase({ url: test.urls.authorization, applicationName: 'test' }));
  const late = new pg.Client({ connectionString: test.urls.authorization });
  await late.connect();
  await late.query('begin');
  await late.query("insert into audit_events (event) values ('signed_out')"); // event 1
  let writing = true;
  const write = async () => {
    for (let n = 0; n < 60; n += 1)
      await run("insert into audit_events (event) select 'signed_in' from generate_series(1, 50)");
    writing = false;
  };
  const sealMeanwhile = async (db: TestDatabase['db']) => {
    while (writing) await sealEvents(db, { keys, seen: undefined });
  };
  await Promise.all([write(), ...servers.map(sealMeanwhile)]);
  await seal();
  await seal();
  expect(await verify()).toMatchObject({ fault: undefined, verified: 3_000, unsealed: 0 });
  await late.query('commit');
  await late.end();
  expect(await verify()).toMatchObject({ fault: undefined, unsealed: 1 });
  await seal();
  await seal();
  expect(await verify()).toMatchObject({
    fault: undefined,
    verified: 3_001,
    unsealed: 0,
    state: { completeTo: 3_001n },
  });
  await Promise.all(servers.map((db) => db.destroy()));
});

it('G3: the id of a deleted account is replaced in its events; a replaced id of another account is detected', async () => {
  const [deleted, kept] = [await addAccount(test.db), await addAccount(test.db)];
  await run(
    `insert into audit_events (event, account_id, detail) select 'signed_in', id, jsonb_build_object('by', id) from accounts`,
  );
  await seal();
  // Another event of the deleted account is sealed with a newer key, and one is not sealed.
  await run("insert into audit_events (event, account_id) values ('signed_out', $1)", [deleted]);
  await seal(newKeys);
  await run("insert into audit_events (event, account_id) values ('signed_out', $1)", [deleted]);
  expect(await deleteAccount(test.db, deleted)).toBe(true);
  expect((await verify(newKeys)).fault).toBeUndefined();
  await seal(newKeys);
  expect((await verify(newKeys)).fault).toBeUndefined();
  expect(await run('select from audit_events e where e::text like $1', [`%${deleted}%`])).toEqual([]);

  const [row] = (await run("select account_id, detail from audit_events where event = 'account_deleted'")) as [
    { account_id: string; detail: { sealed_as: string[] } },
  ];
  expect(row.detail.sealed_as).toHaveLength(2);
  await run('update audit_events set account_id = $1, detail = $2 where account_id = $3', [
    row.account_id,
    { by: row.account_id },
    kept,
  ]);
  expect((await verify(newKeys)).fault).toMatchObject({ kind: 'edited' });
  // The fault is also found if a superuser adds the event of a deletion that never happened. The servers seal this
  // event like every new event.
  const [other] = (await run('select account_digest from audit_seals where account_digest <> all ($1)', [
    row.detail.sealed_as,
  ])) as [{ account_digest: string }];
  await run("insert into audit_events (event, account_id, detail) values ('account_deleted', 'deleted-x', $1)", [
    { sealed_as: [other.account_digest] },
  ]);
  await run(
    "update audit_events set account_id = 'deleted-x', detail = $1 where account_id = $2 and event = 'signed_in' and id in (select event_id from audit_seals where account_digest = $3)",
    [{ by: 'deleted-x' }, row.account_id, other.account_digest],
  );
  await seal(newKeys);
  expect((await verify(newKeys)).fault).toEqual({ kind: 'account_exists', accountId: kept });
});

it('G3: the cleaning removes old events and later their seals; any other removal is detected', async () => {
  for (const days of [90, 80, 70, 1])
    await run("insert into audit_events (event, at) values ('signed_in', now() - make_interval(days => $1))", [days]);
  const first = await seal();
  await setRetention(test.db, { auditEvents: 75, endedGrants: undefined, unusedClients: undefined });
  expect((await verify()).verified).toBe(4);
  expect(await deleteExpired(test.db, { table: 'audit_events', worker: 'worker' })).toBe(2);
  expect(await verify()).toMatchObject({ fault: undefined, verified: 2, state: { removed: { sequence: 0n } } });
  await seal(keys, first);
  // the change of the setting is the fifth event
  expect(await run('select sequence from audit_seals order by sequence')).toEqual(
    [3n, 4n, 5n].map((sequence) => ({ sequence })),
  );
  expect(await verify()).toMatchObject({ fault: undefined, verified: 3, state: { removed: { sequence: 2n } } });

  await run('delete from audit_events where id = 3');
  expect(await findFault()).toMatchObject({ kind: 'deleted', eventId: 3n });
  await run("update audit_seals set at = now() - interval '80 days' where event_id = 3");
  expect(await findFault()).toMatchObject({ kind: 'seal_changed', eventId: 3n });
  await expect(seal()).rejects.toThrow('is not the one that was made');
});

it('G3: after a rotation, the verification needs every key with which the log was sealed', async () => {
  await addEvents(test, 2);
  await run("insert into audit_events (event) values ('signed_in')");
  await seal(newKeys);
  expect(await verify(newKeys)).toMatchObject({ fault: undefined, verified: 3 });
  expect((await verify([newKeys[0]])).fault).toMatchObject({ kind: 'unknown_key', keyId: keys[0].id, eventId: 1n });
  expect((await verify()).fault).toMatchObject({ kind: 'changed' });
});

it('events that do not fit into one step are all sealed, and a new event does not wait for the sealing', async () => {
  await run("insert into audit_events (event) select 'signed_in' from generate_series(1, 2500)");
  await test.db.transaction().execute(async (transaction) => {
    await sql`select from audit_chain for update`.execute(transaction);
    expect(await sealEvents(test.db, { keys, seen: undefined })).toBeUndefined();
    await run("insert into audit_events (event) values ('signed_in')");
  });
  await seal();
  expect(await verify()).toMatchObject({ fault: undefined, verified: 2_501 });
});
