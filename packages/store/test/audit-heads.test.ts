import { createPublicKey, verify as verifySignature } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import {
  exportHeadKeys,
  listHeads,
  nameAuditKey,
  openDatabase,
  readHead,
  restartSealing,
  sealEvents,
  setRetention,
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

/** Signs the head of another day: the stored head becomes one of yesterday. */
async function passDay(): Promise<void> {
  await run('update audit_heads set day = day - 1');
}

async function readHeads() {
  return (await listHeads(test.db)).map((head) => {
    const seal = readHead(newKeys, head);
    if (seal === undefined) throw new Error('the head is signed');
    return seal;
  });
}

it('G3: the servers sign the head of the log once a day, and only when something is sealed', async () => {
  await sealAll(test.db);
  expect(await listHeads(test.db)).toEqual([]);
  const first = await addEvents(test, 3);
  await addEvents(test, 2);
  expect(await readHeads()).toEqual([{ sequence: 3n, code: first.code.toString('hex') }]);
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
  await run("insert into audit_events (event, at) values ('signed_in', now() - interval '90 days')");
  await sealAll(test.db);
  await passDay();
  await run("insert into audit_events (event) values ('signed_in')");
  await sealAll(test.db, newKeys);
  const heads = await readHeads();
  expect(heads).toHaveLength(2);
  await setRetention(test.db, { auditEvents: 75, endedGrants: undefined, unusedClients: undefined });
  await run('delete from audit_events where id = 1');
  await sealAll(test.db, newKeys);
  expect(await verifyEvents(test.db, newKeys, heads)).toMatchObject({
    fault: undefined,
    verified: 2,
    expectedRemoved: 1,
  });
});
