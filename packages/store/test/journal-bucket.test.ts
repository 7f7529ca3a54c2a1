import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SecretFiles } from '@aipassport/contracts';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { findGrant, insertAuditEvent, revokeGrant } from '../src/authorization/index.js';
import {
  BucketFailed,
  bucketPlace,
  type Database,
  downloadJournal,
  followBucketKey,
  JournalWriter,
  openDatabase,
  readBucketSettings,
  readFirstNeededDay,
  replayJournal,
} from '../src/index.js';
import { Bucket } from '../src/journal/bucket.js';
import { Backup, BucketStub, createTestDatabase, type TestDatabase, waitPastMidnight } from '../src/testing.js';
import { keys, newKeys } from './audit-fixtures.js';
import { addGrant } from './fixtures.js';

let test: TestDatabase;
let server: Database;
let stub: BucketStub;
let directory: string;
beforeAll(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
  server = openDatabase({ url: test.urls.authorization, applicationName: 'test' });
});
beforeEach(async () => {
  await waitPastMidnight();
  stub = await BucketStub.start();
  directory = mkdtempSync(path.join(tmpdir(), 'aipassport-bucket-'));
  await test.query("update journal set position = 0, state = ''");
  await test.query('drop schema if exists backup cascade');
});
afterEach(async () => {
  await stub.close();
  rmSync(directory, { recursive: true, force: true });
});
afterAll(async () => {
  await server.destroy();
  await test.close();
});

const openWriter = () => new JournalWriter({ db: server, place: bucketPlace(stub.settings), key: keys[0] });
const isPart = (name: string) => /\/journal-[^/]+\/\d{8}$/.test(name);
const listParts = () => [...stub.objects.keys()].filter(isPart).toSorted();
const readPosition = async () => (await test.query<{ position: bigint }>('select position from journal'))[0]?.position;
const end = (grantId: string) => revokeGrant(test.db, { grantId, reason: 'owner', revokedBy: 'owner' });
const stateOf = async (grantId: string) => (await findGrant(test.db, grantId))?.state;

async function replay() {
  await downloadJournal(stub.settings, directory);
  return replayJournal(test.db, { directories: [directory], keys: newKeys, isDryRun: false });
}

// The ids at the beginning of titles are rows of docs/security.md.
it('F10: a journal in a bucket has separate objects for each batch, and a replay reads them in their order', async () => {
  const writer = openWriter();
  const ended = [await addGrant(test.db), await addGrant(test.db), await addGrant(test.db)];
  await writer.write();
  const backup = await Backup.make(test.url);
  for (const grantId of ended) {
    await end(grantId);
    expect(await writer.write()).toBe(true);
  }
  expect(listParts().map((name) => name.slice(-8))).toEqual(['00000001', '00000002', '00000003', '00000004']);

  await backup.restore();
  stub.pageSize = 2;
  expect(await replay()).toMatchObject({ batches: 3 });
  for (const grantId of ended) expect(await stateOf(grantId)).toBe('revoked');
  expect(readdirSync(directory)).toHaveLength(2);
  expect(await openWriter().write()).toBe(true);
});

it('F10: a replay copies the objects since the day before the backup, and none from before that day', async () => {
  expect(await readFirstNeededDay(test.db)).toBeUndefined();
  const writer = openWriter();
  const grantId = await addGrant(test.db);
  await writer.write();
  const backup = await Backup.make(test.url);
  await end(grantId);
  await writer.write(true);
  await backup.restore();
  const dayAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
  // these objects could not be read as a journal
  for (const days of [2, 3, 1_000])
    stub.objects.set(`${stub.settings.prefix}journal-${dayAgo(days)}-a-b.jsonl/00000001`, Buffer.from('old\n{}\n'));
  const since = await readFirstNeededDay(test.db);
  expect(since).toBe(dayAgo(1));
  stub.pageSize = 1;
  expect(await downloadJournal(stub.settings, directory, since)).toBe(2);
  await replayJournal(test.db, { directories: [directory], keys: newKeys, isDryRun: false });
  expect(await stateOf(grantId)).toBe('revoked');
  expect(stub.requests.filter((request) => request.includes(dayAgo(2)))).toEqual([]);
});

it.each(['refuses', 'loses', 'hangs'] as const)(
  'F10: during the fault %s of the bucket, the position in the database does not change, and nothing is missing afterwards',
  async (fault) => {
    const writer = openWriter();
    const grantId = await addGrant(test.db);
    await writer.write();
    const [backup, before] = [await Backup.make(test.url), await readPosition()];
    await end(grantId);
    stub.fault = fault;
    const error = await writer.write().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BucketFailed);
    expect(String(error)).not.toContain(stub.settings.secretAccessKey);
    expect(await readPosition()).toBe(before);
    stub.fault = undefined;
    expect(await writer.write()).toBe(true);

    await backup.restore();
    await replay();
    expect(await stateOf(grantId)).toBe('revoked');
  },
);

it('F10: a batch that is larger than one object is in several objects, and a missing object is noticed', async () => {
  const writer = openWriter();
  await writer.write();
  const backup = await Backup.make(test.url);
  for (let count = 0; count < 9; count += 1)
    await insertAuditEvent(test.db, { event: 'grant_revoked', detail: { reason: 'x'.repeat(1_000_000) } });
  await writer.write();
  const parts = listParts();
  expect(parts).toHaveLength(3);

  await backup.restore();
  const [, second = ''] = parts;
  const kept = stub.objects.get(second) ?? Buffer.alloc(0);
  stub.objects.delete(second);
  await expect(replay()).rejects.toThrow('is missing in the bucket');
  for (const name of readdirSync(directory)) rmSync(path.join(directory, name));
  stub.objects.set(second, Buffer.from(kept.toString().replace('xxx', 'yyy')));
  await expect(replay()).rejects.toThrow('was changed');
  for (const name of readdirSync(directory)) rmSync(path.join(directory, name));
  stub.objects.set(second, kept);
  expect(await replay()).toMatchObject({ batches: 1 });
});

it('F10: an object of a journal is never overwritten, and the error for a wrong access key does not contain the key', async () => {
  const bucket = new Bucket(stub.settings);
  await bucket.create('a', Buffer.from('first'));
  await expect(bucket.create('a', Buffer.from('second'))).rejects.toThrow('412 (PreconditionFailed)');
  expect((await bucket.find('a'))?.toString()).toBe('first');
  expect(await bucket.find('b')).toBeUndefined();
  const secretAccessKey = 'a wrong secret';
  const error = await new Bucket({ ...stub.settings, secretAccessKey }).find('a').catch((thrown: unknown) => thrown);
  expect(String(error)).toBe('BucketFailed: GET a: the bucket answered 403 (SignatureDoesNotMatch)');
});

it('F10: a server reads and writes its mark in a bucket at most every four seconds', async () => {
  const { mark } = bucketPlace(stub.settings);
  expect(await mark.read()).toBeUndefined();
  for (let count = 0; count < 5; count += 1) await mark.replace(`text ${count}`);
  expect(await mark.recall()).toBe('text 4');
  expect(stub.requests).toEqual(['GET instance-1/mark', 'PUT instance-1/mark']);
  expect(stub.objects.get('instance-1/mark')?.toString()).toBe('text 0');
});

it('F10: the settings of a bucket are refused without an access key', () => {
  const settings = {
    JOURNAL_DIRECTORY: undefined,
    JOURNAL_BUCKET_URL: stub.settings.url,
    JOURNAL_BUCKET_REGION: 'us-east-1',
    JOURNAL_BUCKET_PREFIX: undefined,
    JOURNAL_BUCKET_ACCESS_KEY_ID: 'id',
    JOURNAL_BUCKET_SECRET_ACCESS_KEY: undefined,
  };
  expect(() => readBucketSettings(settings)).toThrow('JOURNAL_BUCKET_SECRET_ACCESS_KEY');
});

it('a new access key in its files is used for the next request, and a file that is empty changes nothing', async () => {
  const [idFile, secretFile] = [path.join(directory, 'id'), path.join(directory, 'secret')];
  const store = (id: string, secret: string) => {
    writeFileSync(idFile, id);
    writeFileSync(secretFile, secret);
  };
  store(stub.settings.accessKeyId, `${stub.settings.secretAccessKey}\n`);
  const variables = {
    JOURNAL_BUCKET_URL: stub.settings.url,
    JOURNAL_BUCKET_ACCESS_KEY_ID_FILE: idFile,
    JOURNAL_BUCKET_SECRET_ACCESS_KEY_FILE: secretFile,
  };
  const source = { variables, readFile: (file: string) => readFileSync(file, 'utf8') };
  const secretFiles = new SecretFiles(source);
  const place = bucketPlace(stub.settings, followBucketKey(source, secretFiles));
  const writer = new JournalWriter({ db: server, place, key: keys[0] });
  expect(await writer.write()).toBe(true);
  stub.key = { accessKeyId: 'ANOTHERKEYID', secretAccessKey: 'another/secret' };
  await end(await addGrant(test.db));
  await expect(writer.write()).rejects.toThrow('403 (InvalidAccessKeyId)');
  store('ANOTHERKEYID', 'another/secret');
  expect(await writer.write()).toBe(true);
  store('', '');
  await end(await addGrant(test.db));
  expect(await writer.write()).toBe(true);
  expect(secretFiles.listUnreadable()).toEqual(Object.keys(variables).slice(1));
  await writer.close();
});
