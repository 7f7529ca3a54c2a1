import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  deleteExpired,
  openDatabase,
  sealEvents,
  setRetention,
  verifyAccountEvents,
  verifyEvents,
} from '../src/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';
import { addEvents, keys, newKeys, sealAll } from './audit-fixtures.js';

let test: TestDatabase;
beforeEach(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
});
afterEach(() => test.close());

/** As a superuser. */
const run = (text: string, parameters: readonly unknown[] = []) => test.query(text, parameters);

/** The events 1, 4 and 7 of `addEvents` are of this account. */
const account = 'account-1';
const verify = (accountId = account, verifyingKeys = keys) =>
  verifyAccountEvents(test.db, verifyingKeys, { accountId });

// The ids at the beginning of titles are rows of docs/security.md.
it('G3: the seals of each account are a chain', async () => {
  expect(await verify()).toEqual({ fault: undefined, verified: 0, last: undefined });
  await addEvents(test, 7);
  await run("insert into audit_events (event) values ('operator_caps_changed')");
  await sealAll(test.db);
  expect(await run('select sequence, account_previous from audit_seals order by sequence')).toEqual(
    [0n, 0n, 0n, 1n, 2n, 3n, 4n, null].map((account_previous, index) => ({
      sequence: BigInt(index + 1),
      account_previous,
    })),
  );
  expect(await verify()).toMatchObject({ fault: undefined, verified: 3, last: { sequence: 7n } });
  expect(await verify('account-2')).toMatchObject({ fault: undefined, verified: 2, last: { sequence: 5n } });
  expect(await verifyEvents(test.db, keys)).toMatchObject({ fault: undefined, verified: 8 });
});

describe('G3: the verification of one account', () => {
  beforeEach(() => addEvents(test, 9));

  it('finds an event of the account that was changed, and names it', async () => {
    await run('update audit_events set detail = \'{"number": 5}\' where id in (4, 7)');
    expect((await verify()).fault).toMatchObject({ kind: 'edited', eventId: 4n });
    expect((await verify('account-2')).fault).toBeUndefined();
  });

  it.each([1n, 4n, 7n])('finds that event %s of the account was deleted', async (id) => {
    await run('delete from audit_events where id = $1', [id]);
    expect((await verify()).fault).toMatchObject({ kind: 'deleted', eventId: id });
  });

  it.each([
    [1n, { kind: 'seals_missing', sequence: 1n, eventId: 4n }],
    [4n, { kind: 'seals_missing', sequence: 4n, eventId: 7n }],
    // the last one: no later event of the account refers to it
    [7n, { kind: 'end_missing', sequence: 6n }],
  ])('finds that event %s of the account and its seal were deleted', async (id, fault) => {
    await run('delete from audit_events where id = $1', [id]);
    await run('delete from audit_seals where event_id = $1', [id]);
    expect((await verify()).fault).toMatchObject(fault);
  });

  it('finds two events of the account that were exchanged, alone or with their seals', async () => {
    await run(
      `update audit_events e set (at, event, client_id, grant_id, detail)
         = (o.at, o.event, o.client_id, o.grant_id, o.detail)
       from audit_events o where e.id in (1, 4) and o.id = 5 - e.id`,
    );
    expect((await verify()).fault).toMatchObject({ kind: 'edited', eventId: 1n });
    await run('update audit_seals set event_id = -event_id where sequence in (1, 4)');
    await run('update audit_seals set event_id = 5 + event_id where sequence in (1, 4)');
    expect((await verify()).fault).toMatchObject({ kind: 'seal_changed', eventId: 4n });
  });

  it('finds an event, or its seal, that was moved to another account', async () => {
    await run("update audit_events set account_id = 'account-2' where id = 4");
    expect((await verify()).fault).toMatchObject({ kind: 'edited', eventId: 4n });
    await run(
      'update audit_seals set account_digest = (select account_digest from audit_seals where sequence = 2) where sequence = 4',
    );
    expect((await verify()).fault).toMatchObject({ kind: 'seals_missing', sequence: 4n, eventId: 7n });
    expect((await verify('account-2')).fault).toMatchObject({ kind: 'seal_changed', eventId: 4n });
  });

  it('finds that the end of the log was cut off', async () => {
    await run('delete from audit_events where id > 6');
    await run('delete from audit_seals where sequence > 6');
    expect((await verify()).fault).toEqual({ kind: 'end_missing', sequence: 6n });
    expect((await verifyEvents(test.db, keys)).fault).toEqual({ kind: 'end_missing', sequence: 6n });
  });

  it('finds an event that was added among older events of the account', async () => {
    await run(
      "insert into audit_events (id, event, account_id) overriding system value values (-1, 'signed_in', 'account-1')",
    );
    expect((await verify()).fault).toMatchObject({ kind: 'added', eventId: -1n });
  });
});

it('G3: the chain of an account continues after its oldest events were removed; any other removal is detected', async () => {
  for (const days of [90, 80, 70, 1])
    await run(
      "insert into audit_events (event, account_id, at) values ('signed_in', 'account-1', now() - make_interval(days => $1))",
      [days],
    );
  await sealAll(test.db);
  await setRetention(test.db, { auditEvents: 75, endedGrants: undefined, unusedClients: undefined });
  expect(await deleteExpired(test.db, { table: 'audit_events', worker: 'worker' })).toBe(2);
  expect(await verify()).toMatchObject({ fault: undefined, verified: 2 });
  await sealAll(test.db);
  expect(await verify()).toMatchObject({ fault: undefined, verified: 2, last: { sequence: 4n } });
  await run('delete from audit_events where id = 3');
  expect((await verify()).fault).toMatchObject({ kind: 'deleted', eventId: 3n });
  await run('delete from audit_seals where event_id = 3');
  expect((await verify()).fault).toMatchObject({ kind: 'seals_missing', sequence: 3n, eventId: 4n });
});

it('G3: a new key begins a new chain for each account, and a seal that is changed to look like one of an earlier release, which had no such chains, is detected', async () => {
  await addEvents(test, 4);
  await run("insert into audit_events (event, account_id) values ('signed_in', $1), ('signed_out', $1)", [account]);
  await sealAll(test.db, newKeys);
  expect(await run('select account_previous from audit_seals where sequence > 4 order by sequence')).toEqual([
    { account_previous: 0n },
    { account_previous: 5n },
  ]);
  expect(await verify(account, newKeys)).toMatchObject({ fault: undefined, verified: 4, last: { sequence: 6n } });
  expect((await verify(account, [newKeys[0]])).fault).toBeUndefined();
  await run('update audit_seals set account_previous = null where sequence = 4');
  expect((await verify(account, newKeys)).fault).toMatchObject({ kind: 'seal_changed', eventId: 4n });
});

it('G3: two servers that seal at the same time make one chain for each account', async () => {
  const servers = [1, 2].map(() => openDatabase({ url: test.urls.authorization, applicationName: 'test' }));
  let writing = true;
  const write = async () => {
    for (let n = 0; n < 40; n += 1)
      await run(
        "insert into audit_events (event, account_id) select 'signed_in', 'account-' || n % 7 from generate_series(1, 50) as n",
      );
    writing = false;
  };
  const sealMeanwhile = async (db: TestDatabase['db']) => {
    while (writing) await sealEvents(db, { keys, seen: undefined });
  };
  await Promise.all([write(), ...servers.map(sealMeanwhile)]);
  await sealAll(test.db);
  const verified = await Promise.all([0, 1, 2, 3, 4, 5, 6].map((n) => verify(`account-${n}`)));
  expect(verified.map(({ fault }) => fault)).toEqual(Array.from({ length: 7 }));
  expect(verified.reduce((sum, each) => sum + each.verified, 0)).toBe(2_000);
  await Promise.all(servers.map((db) => db.destroy()));
});
