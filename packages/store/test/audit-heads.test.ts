import { createPublicKey, verify as verifySignature } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type AccountHead,
  exportHeadKeys,
  listHeads,
  nameAuditKey,
  openDatabase,
  proveAccountHeads,
  readAccountHead,
  readHead,
  restartSealing,
  type SignedHead,
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

/** Runs a statement as a superuser. */
const run = (text: string, parameters: readonly unknown[] = []) => test.query(text, parameters);

/** Moves the stored heads to the day before, so that the next sealing signs a head for today. */
async function passDay(): Promise<void> {
  await run('update audit_heads set day = day - 1');
}

async function readHeads() {
  return (await listHeads(test.db)).map((head) => {
    const seal = readHead(newKeys, head);
    if (seal === undefined) throw new Error('the head has no valid signature');
    return seal;
  });
}

// The ids at the beginning of titles are rows of docs/security.md.
it('G3: the servers sign the head of the log once a day, and only when something is sealed', async () => {
  await sealAll(test.db);
  expect(await listHeads(test.db)).toEqual([]);
  const first = await addEvents(test, 3);
  await addEvents(test, 2);
  expect(await readHeads()).toMatchObject([{ sequence: 3n, code: first.code.toString('hex') }]);
  await passDay();
  const servers = [1, 2].map(() => openDatabase({ url: test.urls.authorization, applicationName: 'test' }));
  const steps = await Promise.all(servers.map((db) => sealEvents(db, { keys, seen: undefined })));
  expect(steps.filter((step) => step?.head !== undefined)).toHaveLength(1);
  expect((await readHeads()).map(({ sequence }) => sequence)).toEqual([3n, 5n]);
  await Promise.all(servers.map((db) => db.destroy()));
});

it('G3: a head is a JWS that the public keys verify, and a changed one is not accepted', async () => {
  await addEvents(test, 1);
  const [head = ''] = await listHeads(test.db);
  const [header = '', payload = '', signature = ''] = head.split('.');
  expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
    alg: 'EdDSA',
    kid: keys[0].id,
    typ: 'aipassport-audit-head',
  });
  const [jwk] = exportHeadKeys(keys).keys;
  expect(jwk).toMatchObject({ kty: 'OKP', crv: 'Ed25519', kid: keys[0].id });
  expect(jwk).not.toHaveProperty('d');
  const publicKey = createPublicKey({ key: { ...jwk }, format: 'jwk' });
  const signed = Buffer.from(`${header}.${payload}`);
  expect(verifySignature(null, signed, publicKey, Buffer.from(signature, 'base64url'))).toBe(true);

  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
  expect(claims).toMatchObject({ sequence: '1', signed_at: expect.stringMatching(/^\d{4}-/) });
  const changed = Buffer.from(JSON.stringify({ ...claims, sequence: '2' })).toString('base64url');
  expect(readHead(keys, head)).toMatchObject({ sequence: 1n });
  expect(readHead(keys, [header, changed, signature].join('.'))).toBeUndefined();
  expect(readHead(keys, [header, payload, ''].join('.'))).toBeUndefined();
  expect(readHead(keys, `${head}.`)).toBeUndefined();
  expect(readHead(keys, 'no head')).toBeUndefined();
  expect(readHead([nameAuditKey('a-key-that-someone-else-has-chosen-012345')], head)).toBeUndefined();
});

it('G3: if a log was cut off and sealed again with the right key, the heads that were kept elsewhere reveal it', async () => {
  await addEvents(test, 3);
  await passDay();
  await addEvents(test, 2);
  const heads = await readHeads();
  expect((await verifyEvents(test.db, keys, heads)).fault).toBeUndefined();
  await run('delete from audit_events where id > 4');
  await restartSealing(test.db);
  await sealAll(test.db);
  expect((await verifyEvents(test.db, keys)).fault).toBeUndefined();
  expect((await verifyEvents(test.db, keys, heads)).fault).toEqual({ kind: 'not_expected', sequence: 5n });
  expect(await run('select event, detail from audit_events where id > 4')).toEqual([
    { event: 'audit_sealing_restarted', detail: { by: 'command' } },
  ]);
  await run("update audit_events set event = 'signed_out' where id = 2");
  await restartSealing(test.db);
  await sealAll(test.db);
  expect((await verifyEvents(test.db, keys, heads)).fault).toEqual({ kind: 'not_expected', sequence: 3n });
});

it('G3: a head stays valid after a rotation of the key, and when the events before it are removed', async () => {
  await run(
    "insert into audit_events (event, account_id, at) values ('signed_in', 'account-1', now() - interval '90 days')",
  );
  await sealAll(test.db);
  await passDay();
  await run("insert into audit_events (event, account_id) values ('signed_in', 'account-1')");
  await sealAll(test.db, newKeys);
  const heads = await readHeads();
  expect(heads).toHaveLength(2);
  await setRetention(test.db, { auditEvents: 75, endedGrants: undefined, unusedClients: undefined });
  const accountHeads = await proveAccountHeads(test.db, newKeys, 'account-1');
  expect(accountHeads).toHaveLength(2);
  await run('delete from audit_events where id = 1');
  await sealAll(test.db, newKeys);
  // the first day cannot be proved any more, because its seal was removed
  expect(await proveAccountHeads(test.db, newKeys, 'account-1')).toEqual([accountHeads[1]]);
  const expected = [...heads, ...accountHeads.map((line) => readAccountHead(newKeys, line))].filter(
    (head) => head !== undefined,
  );
  expect(await verifyAccountEvents(test.db, newKeys, { accountId: 'account-1', expected })).toMatchObject({
    fault: undefined,
    verified: 1,
  });
  expect(await verifyEvents(test.db, newKeys, heads)).toMatchObject({
    fault: undefined,
    verified: 2,
    expectedRemoved: 1,
  });
});

describe('G3: the head of a day covers the chain of each account', () => {
  /** Two days: the events 1 to 5, then 6 to 10. The events 1, 4, 6 and 9 are of the account. */
  const account = 'account-1';
  let heads: readonly SignedHead[];
  let accountHeads: readonly AccountHead[];
  let lines: readonly string[];
  const verify = (expected: readonly (AccountHead | SignedHead)[]) =>
    verifyAccountEvents(test.db, keys, { accountId: account, expected });

  beforeEach(async () => {
    await addEvents(test, 5);
    await passDay();
    await addEvents(test, 5);
    heads = await readHeads();
    lines = await proveAccountHeads(test.db, keys, account);
    accountHeads = lines.map((line) => readAccountHead(keys, line)).filter((head) => head !== undefined);
  });

  it('so the proof of an account has a line for each day, and a changed line proves nothing', async () => {
    expect(heads.map(({ accounts }) => accounts)).toMatchObject([
      { since: '0', count: 3 },
      { since: '5', count: 3 },
    ]);
    expect(accountHeads.map(({ sequence }) => sequence)).toEqual([4n, 9n]);
    expect(await verify([...heads, ...accountHeads])).toMatchObject({ fault: undefined, verified: 4 });
    const [line = ''] = lines;
    const claims = JSON.parse(line) as Record<string, unknown>;
    expect(readAccountHead(keys, line)).toMatchObject({ sequence: 4n });
    for (const change of [{ sequence: '1' }, { code: '00' }, { account: 'other' }, { proof: [] }, { head: 'no head' }])
      expect(readAccountHead(keys, JSON.stringify({ ...claims, ...change }))).toBeUndefined();
    expect(readAccountHead(keys, JSON.stringify({ ...claims, proof: [null] }))).toBeUndefined();
    expect(readAccountHead(keys, 'no line')).toBeUndefined();
  });

  it.each([
    ['a changed event', "update audit_events set event = 'signed_out' where id = 4", { kind: 'edited', eventId: 4n }],
    ['a deleted event', 'delete from audit_events where id = 6', { kind: 'deleted', eventId: 6n }],
    [
      'a deleted event and its seal',
      'with gone as (delete from audit_events where id = 6) delete from audit_seals where event_id = 6',
      { kind: 'seals_missing', sequence: 6n, eventId: 9n },
    ],
    [
      'the end of the chain, cut off',
      'with gone as (delete from audit_events where id = 9) delete from audit_seals where event_id = 9',
      { kind: 'not_expected', sequence: 9n },
    ],
    [
      'two events in the other order',
      `update audit_events e set (at, event, client_id, grant_id, detail) = (o.at, o.event, o.client_id, o.grant_id, o.detail)
       from audit_events o where e.id in (6, 9) and o.id = 15 - e.id`,
      { kind: 'edited', eventId: 6n },
    ],
  ])('so the verification of the account names %s', async (_change, statement, fault) => {
    await run(statement);
    expect((await verify(accountHeads)).fault).toMatchObject(fault);
  });

  it('so the heads of the log alone reveal that the end of an account’s chain was cut off', async () => {
    await run('with gone as (delete from audit_events where id = 9) delete from audit_seals where event_id = 9');
    expect((await verify(heads)).fault).toEqual({ kind: 'account_ends_changed', since: 5n, sequence: 10n });
    await expect(proveAccountHeads(test.db, keys, account)).rejects.toThrow('The seals up to 10');
  });

  it('so a log that was sealed again with the right key does not fit the head of the account', async () => {
    await run("update audit_events set event = 'signed_out' where id = 1");
    await restartSealing(test.db);
    await sealAll(test.db);
    expect((await verify([])).fault).toBeUndefined();
    expect((await verify(accountHeads)).fault).toEqual({ kind: 'not_expected', sequence: 4n });
  });

  it('so the proof continues after a rotation of the key', async () => {
    await passDay();
    await run("insert into audit_events (event, account_id) values ('signed_in', 'account-1')");
    await sealAll(test.db, newKeys);
    const after = await proveAccountHeads(test.db, newKeys, account);
    expect(after).toHaveLength(3);
    expect(after.map((line) => readAccountHead(newKeys, line)?.sequence)).toEqual([4n, 9n, 11n]);
  });
});
