import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import pg from 'pg';
import { deleteAccount } from '../src/authorization/index.js';
import {
  type AuditKeys,
  type AuditVerification,
  type ChainEnd,
  deleteExpired,
  nameAuditKey,
  openDatabase,
  restartSealing,
  sealEvents,
  setRetention,
  verifyEvents,
} from '../src/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';
import { addAccount } from './fixtures.js';

const keys: AuditKeys = [nameAuditKey('a-key-that-seals-the-audit-log-0123456789')];
const newKeys: AuditKeys = [nameAuditKey('a-newer-key-that-seals-the-audit-log-0123'), ...keys];

let test: TestDatabase;
beforeEach(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
});
afterEach(() => test.close());

/** As a superuser. */
const run = (text: string, parameters: readonly unknown[] = []) => test.query(text, parameters);

async function sealAll(with_ = keys, seen?: ChainEnd): Promise<ChainEnd> {
  for (;;) {
    const step = await sealEvents(test.db, { keys: with_, seen });
    if (step === undefined) throw new Error('another server is sealing');
    if (!step.hasMore) return step.last;
  }
}

/** Seals the log in two steps, so that no event can still appear among the sealed ones. */
async function addEvents(count: number): Promise<ChainEnd> {
  await run(
    `insert into audit_events (event, account_id, client_id, grant_id, detail)
     select 'signed_in', 'account-' || n % 3, 'client-' || n, 'grant-' || n, jsonb_build_object('number', n)
     from generate_series(1, $1::integer) as n`,
    [count],
  );
  await sealAll();
  return sealAll();
}

const verify = (with_ = keys) => verifyEvents(test.db, with_);
const findFault = async (): Promise<AuditVerification['fault']> => (await verify()).fault;

it('G3: a log that only the servers wrote is verified, whatever is in the events', async () => {
  expect(await verify()).toMatchObject({ fault: undefined, verified: 0, state: undefined });
  await addEvents(5);
  await run(
    'insert into audit_events (event, detail) values (\'signed_in\', \'{"text": "ä“\\n\\u0007😀", "n": 1.50}\')',
  );
  await run("set time zone 'Asia/Tokyo'");
  await sealAll();
  expect(await verify()).toMatchObject({ fault: undefined, verified: 6, unsealed: 0 });
  await run("insert into audit_events (event) values ('signed_in')");
  expect(await verify()).toMatchObject({ fault: undefined, verified: 6, unsealed: 1 });
});

describe('G3: the verification names the first event that a superuser', () => {
  it.each([
    ['at', "at + interval '1 microsecond'"],
    ['event', "'signed_out'"],
    ['account_id', "'account-9'"],
    ['account_id', 'null'],
    ['client_id', "'client-9'"],
    ['grant_id', 'null'],
    ['detail', "'{}'"],
  ])('edited: %s = %s', async (column, value) => {
    await addEvents(5);
    await run(`update audit_events set ${column} = ${value} where id in (3, 4)`);
    expect(await findFault()).toMatchObject({ kind: 'edited', eventId: 3n });
  });

  it('gave another number', async () => {
    await addEvents(5);
    await run(
      `with moved as (delete from audit_events where id = 3 returning *)
       insert into audit_events overriding system value
       select 30, at, event, account_id, client_id, grant_id, detail from moved`,
    );
    expect(await findFault()).toMatchObject({ kind: 'deleted', eventId: 3n });
  });

  it.each([1n, 3n, 5n])('deleted: event %s of 5', async (id) => {
    await addEvents(5);
    await run('delete from audit_events where id = $1', [id]);
    expect(await findFault()).toMatchObject({ kind: 'deleted', eventId: id });
  });

  it.each([
    [1n, { kind: 'seals_missing', sequence: 1n, eventId: 2n }],
    [3n, { kind: 'seals_missing', sequence: 3n, eventId: 4n }],
    [5n, { kind: 'end_missing', sequence: 4n }],
  ])('deleted with its seal: event %s of 5', async (id, fault) => {
    await addEvents(5);
    await run('delete from audit_events where id = $1', [id]);
    await run('delete from audit_seals where event_id = $1', [id]);
    expect(await findFault()).toMatchObject(fault);
  });

  it('exchanged with another, alone or with their seals', async () => {
    await addEvents(5);
    await run(
      `update audit_events e set (at, event, account_id, client_id, grant_id, detail)
         = (o.at, o.event, o.account_id, o.client_id, o.grant_id, o.detail)
       from audit_events o where e.id in (2, 4) and o.id = 6 - e.id`,
    );
    expect(await findFault()).toMatchObject({ kind: 'edited', eventId: 2n });
    await run('update audit_seals set sequence = -sequence where sequence in (2, 4)');
    await run('update audit_seals set sequence = 6 + sequence where sequence in (-2, -4)');
    expect(await findFault()).toMatchObject({ kind: 'seal_changed', eventId: 4n });
    await run('update audit_seals set event_id = -event_id where sequence in (2, 4)');
    await run('update audit_seals set event_id = 6 + event_id where sequence in (2, 4)');
    expect(await findFault()).toMatchObject({ kind: 'seal_changed', eventId: 2n });
  });

  it('added between the others, which is never sealed', async () => {
    await addEvents(5);
    await run("select setval('audit_events_id_seq', 20)");
    await addEvents(5);
    await run("insert into audit_events (id, event) overriding system value values (10, 'signed_in')");
    await sealAll();
    expect(await findFault()).toMatchObject({ kind: 'added', eventId: 10n });
    // the servers do not believe that the log is sealed less far than they wrote
    await run(`update audit_chain set state = replace(state, '"completeTo":"25"', '"completeTo":"0"')`);
    expect(await findFault()).toMatchObject({ kind: 'changed' });
    await expect(sealAll()).rejects.toThrow('was changed');
  });

  it('gave a seal that was made without the key', async () => {
    await addEvents(5);
    await run("update audit_events set event = 'signed_out' where id = 3");
    const forger: AuditKeys = [nameAuditKey('a-key-that-someone-else-has-chosen-012345')];
    await restartSealing(test.db);
    await sealAll(forger);
    expect(await findFault()).toMatchObject({ kind: 'changed' });
    await run('update audit_seals set key_id = $1', [keys[0].id]);
    await run('update audit_chain set key_id = $1', [keys[0].id]);
    expect(await findFault()).toMatchObject({ kind: 'changed' });
  });
});

it('G3: a log that was cut at its end, with the record of its length, is found by a running server and by the seal that the operator noted', async () => {
  const [old] = (await addEvents(3).then(() => run('select state, code from audit_chain'))) as [
    { state: string; code: Buffer },
  ];
  const seen = await addEvents(2);
  const expected = { sequence: seen.sequence, code: seen.code.toString('hex').slice(0, 32) };
  expect((await verifyEvents(test.db, keys, expected)).fault).toBeUndefined();
  await run('delete from audit_events where id > 3');
  await run('delete from audit_seals where sequence > 3');
  await run('update audit_chain set state = $1, code = $2', [old.state, old.code]);
  expect(await findFault()).toBeUndefined();
  expect((await verifyEvents(test.db, keys, expected)).fault).toEqual({ kind: 'not_expected', sequence: 5n });
  await expect(sealAll(keys, seen)).rejects.toThrow('has seen the seal 5');
  // the same when everything is gone
  await restartSealing(test.db);
  await expect(sealAll(keys, seen)).rejects.toThrow('has seen the seal 5');
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
  const seal = async (db: TestDatabase['db']) => {
    while (writing) await sealEvents(db, { keys, seen: undefined });
  };
  await Promise.all([write(), ...servers.map(seal)]);
  await sealAll();
  await sealAll();
  expect(await verify()).toMatchObject({ fault: undefined, verified: 3_000, unsealed: 0 });
  await late.query('commit');
  await late.end();
  expect(await verify()).toMatchObject({ fault: undefined, unsealed: 1 });
  await sealAll();
  await sealAll();
  expect(await verify()).toMatchObject({
    fault: undefined,
    verified: 3_001,
    unsealed: 0,
    state: { completeTo: 3_001n },
  });
  await Promise.all(servers.map((db) => db.destroy()));
});

it('G3: a deleted account gets another id in its events, and no other account does', async () => {
  const [deleted, kept] = [await addAccount(test.db), await addAccount(test.db)];
  await run(
    `insert into audit_events (event, account_id, detail) select 'signed_in', id, jsonb_build_object('by', id) from accounts`,
  );
  await sealAll();
  // a part of its events is sealed with a newer key, a part not at all
  await run("insert into audit_events (event, account_id) values ('signed_out', $1)", [deleted]);
  await sealAll(newKeys);
  await run("insert into audit_events (event, account_id) values ('signed_out', $1)", [deleted]);
  expect(await deleteAccount(test.db, deleted)).toBe(true);
  expect((await verify(newKeys)).fault).toBeUndefined();
  await sealAll(newKeys);
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
  // also with a deletion that never happened, which the servers seal like every new event
  const [seal] = (await run('select account_digest from audit_seals where account_digest <> all ($1)', [
    row.detail.sealed_as,
  ])) as [{ account_digest: string }];
  await run("insert into audit_events (event, account_id, detail) values ('account_deleted', 'deleted-x', $1)", [
    { sealed_as: [seal.account_digest] },
  ]);
  await run(
    "update audit_events set account_id = 'deleted-x', detail = $1 where account_id = $2 and event = 'signed_in' and id in (select event_id from audit_seals where account_digest = $3)",
    [{ by: 'deleted-x' }, row.account_id, seal.account_digest],
  );
  await sealAll(newKeys);
  expect((await verify(newKeys)).fault).toEqual({ kind: 'account_exists', accountId: kept });
});

it('G3: the cleaning removes old events and later their seals, and nothing else may', async () => {
  for (const days of [90, 80, 70, 1])
    await run("insert into audit_events (event, at) values ('signed_in', now() - make_interval(days => $1))", [days]);
  const first = await sealAll();
  await setRetention(test.db, { auditEvents: 75, endedGrants: undefined, unusedClients: undefined });
  expect((await verify()).verified).toBe(4);
  expect(await deleteExpired(test.db, { table: 'audit_events', worker: 'worker' })).toBe(2);
  expect(await verify()).toMatchObject({ fault: undefined, verified: 2, state: { removed: { sequence: 0n } } });
  await sealAll(keys, first);
  expect(await run('select sequence from audit_seals order by sequence')).toEqual([{ sequence: 3n }, { sequence: 4n }]);
  expect(await verify()).toMatchObject({ fault: undefined, verified: 2, state: { removed: { sequence: 2n } } });

  await run('delete from audit_events where id = 3');
  expect(await findFault()).toMatchObject({ kind: 'deleted', eventId: 3n });
  await run("update audit_seals set at = now() - interval '80 days' where event_id = 3");
  expect(await findFault()).toMatchObject({ kind: 'seal_changed', eventId: 3n });
  await expect(sealAll()).rejects.toThrow('is not the one that was made');
});

it('G3: after a rotation, a log needs every key with which it was sealed', async () => {
  await addEvents(2);
  await run("insert into audit_events (event) values ('signed_in')");
  await sealAll(newKeys);
  expect(await verify(newKeys)).toMatchObject({ fault: undefined, verified: 3 });
  expect((await verify([newKeys[0]])).fault).toMatchObject({ kind: 'unknown_key', keyId: keys[0].id, eventId: 1n });
  expect((await verify()).fault).toMatchObject({ kind: 'changed' });
});

it('more events than fit into one step are all sealed, and writing them does not wait for the sealing', async () => {
  await run("insert into audit_events (event) select 'signed_in' from generate_series(1, 2500)");
  await test.db.transaction().execute(async (transaction) => {
    await sql`select from audit_chain for update`.execute(transaction);
    expect(await sealEvents(test.db, { keys, seen: undefined })).toBeUndefined();
    await run("insert into audit_events (event) values ('signed_in')");
  });
  await sealAll();
  expect(await verify()).toMatchObject({ fault: undefined, verified: 2_501 });
});
