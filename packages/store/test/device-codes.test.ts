import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import {
  decideDeviceCode,
  findArtifact,
  findDeviceCode,
  insertDeviceCode,
  pollDeviceCode,
} from '../src/authorization/index.js';
import { type Database, deleteExpired, openDatabase } from '../src/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';

let test: TestDatabase;
let replicas: readonly Database[];
beforeAll(async () => {
  test = await createTestDatabase(process.env['TEST_DATABASE_URL']);
  replicas = [1, 2].map(() => openDatabase({ url: test.urls.authorization, applicationName: 'test' }));
});
afterAll(async () => {
  await Promise.all(replicas.map((db) => db.destroy()));
  await test.close();
});

const clientId = 'a-terminal';

async function insert(userCodeHash: string = randomUUID()): Promise<{ idHash: string; userCodeHash: string }> {
  const code = { idHash: randomUUID(), userCodeHash, payload: { clientId } };
  const times = { intervalSeconds: 5, expiresInSeconds: 600, keptSeconds: 600 };
  expect(await insertDeviceCode(test.db, { ...code, ...times })).toBe(true);
  return code;
}

/** Moves the times of a device code into the past, as if time had passed. */
async function pass(idHash: string, seconds: number): Promise<void> {
  await sql`
    update device_codes set expires_at = expires_at - make_interval(secs => ${seconds}),
      polled_at = polled_at - make_interval(secs => ${seconds}) where id_hash = ${idHash}`.execute(test.db);
}

const poll = (idHash: string, replica = 0) => pollDeviceCode(replicas[replica] ?? test.db, { idHash, clientId });

async function read(idHash: string) {
  const row = test.db.selectFrom('device_codes').selectAll().where('id_hash', '=', idHash);
  return row.executeTakeFirstOrThrow();
}

it('a user code belongs to one live device code, and can be used again after that device code has expired', async () => {
  const { idHash, userCodeHash } = await insert();
  const other = { idHash: randomUUID(), userCodeHash, payload: { clientId } };
  const times = { intervalSeconds: 5, expiresInSeconds: 600, keptSeconds: 600 };
  expect(await insertDeviceCode(test.db, { ...other, ...times })).toBe(false);
  expect((await findDeviceCode(test.db, [randomUUID(), userCodeHash]))?.idHash).toBe(idHash);
  await pass(idHash, 601);
  expect(await findDeviceCode(test.db, [userCodeHash])).toBeUndefined();
  const next = await insert(userCodeHash);
  expect((await findDeviceCode(test.db, [userCodeHash]))?.idHash).toBe(next.idHash);
  // The terminal can still poll with the expired device code.
  expect(await findArtifact(test.db, { model: 'DeviceCode', idHash })).toBeDefined();
});

it('of 20 simultaneous decisions at two replicas, one is stored', async () => {
  const { idHash, userCodeHash } = await insert();
  const decisions = Array.from({ length: 20 }, (_, index) => ({ idHash, decision: { error: `${index}` } }));
  const kept = await Promise.all(
    decisions.map((one, index) => decideDeviceCode(replicas[index % 2] ?? test.db, { ...one, grantId: undefined })),
  );
  expect(kept.filter(Boolean)).toHaveLength(1);
  const code = await findDeviceCode(test.db, [userCodeHash]);
  expect(code?.payload).toEqual({ clientId, error: `${kept.indexOf(true)}` });
});

it('no decision is stored for an expired device code', async () => {
  const { idHash } = await insert();
  await pass(idHash, 601);
  expect(await decideDeviceCode(test.db, { idHash, decision: { error: 'x' }, grantId: undefined })).toBe(false);
});

it('a poll at either replica that comes too early makes the interval 5 seconds longer', async () => {
  const { idHash } = await insert();
  const polls = [await poll(idHash), await poll(idHash, 1), await poll(idHash)];
  expect(polls).toEqual(['pending', 'too_early', 'too_early']);
  expect((await read(idHash)).interval_seconds).toBe(15);
  await pass(idHash, 11);
  expect(await poll(idHash, 1)).toBe('too_early');
  await pass(idHash, 20);
  expect([await poll(idHash), (await read(idHash)).interval_seconds]).toEqual(['pending', 20]);
});

it('of ten simultaneous polls, one is in time and the others are too early', async () => {
  const { idHash } = await insert();
  const polls = await Promise.all(Array.from({ length: 10 }, (_, index) => poll(idHash, index % 2)));
  expect(polls.filter((one) => one === 'pending')).toHaveLength(1);
  expect(polls.filter((one) => one === 'too_early')).toHaveLength(9);
});

it('a terminal that polls in a loop causes no more writes once its interval is a minute', async () => {
  const { idHash } = await insert();
  for (let count = 0; count < 20; count += 1) await poll(idHash);
  const before = await read(idHash);
  expect(before.interval_seconds).toBe(60);
  const version = async () =>
    (await sql`select xmin::text from device_codes where id_hash = ${idHash}`.execute(test.db)).rows;
  const written = await version();
  for (let count = 0; count < 20; count += 1) expect(await poll(idHash, count % 2)).toBe('too_early');
  expect(await version()).toEqual(written);
  await pass(idHash, 60);
  expect(await poll(idHash)).toBe('pending');
});

it('a poll whose time is in the future, because the clock was wrong, does not count', async () => {
  const { idHash } = await insert();
  await poll(idHash);
  await pass(idHash, -500);
  expect(await poll(idHash)).toBe('pending');
});

it('a poll of another client, or for a code that is decided or expired, is never too early and writes nothing', async () => {
  const { idHash } = await insert();
  expect(await pollDeviceCode(test.db, { idHash, clientId: 'another' })).toBeUndefined();
  await decideDeviceCode(test.db, { idHash, decision: { accountId: 'owner' }, grantId: 'grant' });
  expect(await poll(idHash)).toBeUndefined();
  const expired = await insert();
  await pass(expired.idHash, 601);
  expect(await poll(expired.idHash)).toBeUndefined();
  expect([(await read(idHash)).polled_at, (await read(expired.idHash)).polled_at]).toEqual([null, null]);
});

it('an expired user code is removed, and its terminal still gets the answer that the code has expired', async () => {
  const expired = await insert();
  const live = await insert();
  await pass(expired.idHash, 601);
  await deleteExpired(test.db, { table: 'device_codes', worker: 'worker' });
  const left = await test.db.selectFrom('device_codes').select('id_hash').execute();
  const ids = left.map(({ id_hash: idHash }) => idHash);
  expect([ids.includes(expired.idHash), ids.includes(live.idHash)]).toEqual([false, true]);
  expect(await findArtifact(test.db, { model: 'DeviceCode', idHash: expired.idHash })).toBeDefined();
});
