import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type AuditKeys,
  type AuditVerification,
  type ChainEnd,
  nameAuditKey,
  restartSealing,
  verifyEvents,
} from '../src/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';
import { addEvents, keys, sealAll } from './audit-fixtures.js';

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
it('G3: the verification accepts a log that only the servers wrote, with any content of events', async () => {
  expect(await verify()).toMatchObject({ fault: undefined, verified: 0, state: undefined });
  await addEvents(test, 5);
  await run(
    'insert into audit_events (event, detail) values (\'signed_in\', \'{"text": "ä“\\n\\u0007😀", "n": 1.50}\')',
  );
  await run("set time zone 'Asia/Tokyo'");
  await seal();
  expect(await verify()).toMatchObject({ fault: undefined, verified: 6, unsealed: 0 });
  await run("insert into audit_events (event) values ('signed_in')");
  expect(await verify()).toMatchObject({ fault: undefined, verified: 6, unsealed: 1 });
});

describe('G3: the verification of the log', () => {
  it.each([
    ['at', "at + interval '1 microsecond'"],
    ['event', "'signed_out'"],
    ['account_id', "'account-9'"],
    ['account_id', 'null'],
    ['client_id', "'client-9'"],
    ['grant_id', 'null'],
    ['detail', "'{}'"],
  ])('finds an event that was changed: %s = %s', async (column, value) => {
    await addEvents(test, 5);
    await run(`update audit_events set ${column} = ${value} where id in (3, 4)`);
    expect(await findFault()).toMatchObject({ kind: 'edited', eventId: 3n });
  });

  it('finds an event whose number was changed', async () => {
    await addEvents(test, 5);
    await run(
      `with moved as (delete from audit_events where id = 3 returning *)
       insert into audit_events overriding system value
       select 30, at, event, account_id, client_id, grant_id, detail from moved`,
    );
    expect(await findFault()).toMatchObject({ kind: 'deleted', eventId: 3n });
  });

  it.each([1n, 3n, 5n])('finds that event %s of 5 was deleted', async (id) => {
    await addEvents(test, 5);
    await run('delete from audit_events where id = $1', [id]);
    expect(await findFault()).toMatchObject({ kind: 'deleted', eventId: id });
  });

  it.each([
    [1n, { kind: 'seals_missing', sequence: 1n, eventId: 2n }],
    [3n, { kind: 'seals_missing', sequence: 3n, eventId: 4n }],
    [5n, { kind: 'end_missing', sequence: 4n }],
  ])('finds that event %s of 5 and its seal were deleted', async (id, fault) => {
    await addEvents(test, 5);
    await run('delete from audit_events where id = $1', [id]);
    await run('delete from audit_seals where event_id = $1', [id]);
    expect(await findFault()).toMatchObject(fault);
  });

  it('finds two events that were exchanged, alone or with their seals', async () => {
    await addEvents(test, 5);
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

  it('finds an event that was added between the others, which is never sealed', async () => {
    await addEvents(test, 5);
    await run("select setval('audit_events_id_seq', 20)");
    await addEvents(test, 5);
    await run("insert into audit_events (id, event) overriding system value values (10, 'signed_in')");
    await seal();
    expect(await findFault()).toMatchObject({ kind: 'added', eventId: 10n });
    // The record of how far the log is sealed cannot be changed either: the servers refuse it.
    await run(`update audit_chain set state = replace(state, '"completeTo":"25"', '"completeTo":"0"')`);
    expect(await findFault()).toMatchObject({ kind: 'changed' });
    await expect(seal()).rejects.toThrow('was changed');
  });

  it('finds that the record of how far the log is sealed was deleted', async () => {
    await addEvents(test, 5);
    await run('delete from audit_chain');
    const problem = 'The record of how far the log is sealed is missing.';
    expect(await findFault()).toEqual({ kind: 'changed', problem });
    await run("insert into audit_events (event) values ('signed_in')");
    await expect(seal()).rejects.toThrow(problem);
  });

  it('finds that the log was sealed without the key of the servers', async () => {
    await addEvents(test, 5);
    await run("update audit_events set event = 'signed_out' where id = 3");
    const forger: AuditKeys = [nameAuditKey('a-key-that-someone-else-has-chosen-012345')];
    await restartSealing(test.db);
    await seal(forger);
    expect(await findFault()).toMatchObject({ kind: 'changed' });
    await run('update audit_seals set key_id = $1', [keys[0].id]);
    await run('update audit_chain set key_id = $1', [keys[0].id]);
    expect(await findFault()).toMatchObject({ kind: 'changed' });
  });
});
