import { createHash, randomUUID } from 'node:crypto';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import {
  blockClient,
  confirmAuthenticatorApp,
  consumeRecoveryCode,
  deleteAccount,
  disableAccount,
  endRestoredAccess,
  findArtifact,
  findGrant,
  insertAuditEvent,
  insertAuthenticatorApp,
  listProviderKeys,
  replaceRecoveryCodes,
  revokeGrant,
  rotateClientSecret,
  setAccountLimit,
  setMayInvite,
  summarizeRecoveryCodes,
  updateGrantLimits,
  upsertArtifact,
  upsertClient,
  upsertProviderKey,
  useAppCode,
} from '../src/authorization/index.js';
import { revokeAllGrants } from '../src/authorization/revoke-grant.js';
import {
  correctCharge,
  type Database,
  DatabaseRestored,
  directoryPlace,
  JournalUnusable,
  JournalWriter,
  openDatabase,
  type ReplayReport,
  replayJournal,
  verifyLedger,
  verifyOperatorSpending,
  verifyUsage,
} from '../src/index.js';
import { formatBatch } from '../src/journal/batch.js';
import { JournalProgress } from '../src/journal/journal-progress.js';
import { admitRequests, settleRequests } from '../src/proxying/index.js';
import { Backup, createTestDatabase, type TestDatabase, waitPastMidnight } from '../src/testing.js';
import { keys, newKeys, sealAll } from './audit-fixtures.js';
import { addAccount, addClient, addGrant } from './fixtures.js';
import { announceReplica } from './ledger-fixtures.js';

let test: TestDatabase;
let directory: string;
let server: Database;
let writers: JournalWriter[];
beforeAll(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
  server = openDatabase({ url: test.urls.authorization, applicationName: 'test' });
});
beforeEach(async () => {
  await waitPastMidnight();
  directory = mkdtempSync(path.join(tmpdir(), 'aipassport-journal-'));
  writers = [];
  // a replay in this test would also end grants that an earlier test used a moment ago
  await revokeAllGrants(test.db, { reason: 'operator', revokedBy: 'operator' });
  // as in a new database
  await test.query("update journal set position = 0, state = ''");
  await test.query('drop schema if exists backup cascade');
});
afterEach(async () => {
  await Promise.all(writers.map((writer) => writer.close()));
  rmSync(directory, { recursive: true, force: true });
});
afterAll(async () => {
  await server.destroy();
  await test.close();
});

function openWriter(): JournalWriter {
  const writer = new JournalWriter({ db: server, place: directoryPlace(directory), key: keys[0] });
  writers.push(writer);
  return writer;
}

const replay = (isDryRun = false): Promise<ReplayReport> =>
  replayJournal(test.db, { directories: [directory], keys: newKeys, isDryRun });
const listFiles = () =>
  readdirSync(directory)
    .filter((name) => name.startsWith('journal-'))
    .map((name) => path.join(directory, name));
const readAll = () =>
  listFiles()
    .map((file) => readFileSync(file, 'utf8'))
    .join('');

/** Adds a batch without entries, as if nothing had happened for this time. */
async function passTime(seconds: number): Promise<void> {
  const [row] = await test.query<{ position: bigint }>('select position from journal');
  const from = row?.position ?? 0n;
  const to = from + BigInt(seconds) * 1_000_000n;
  const digest = createHash('sha256').digest('hex');
  appendFileSync(listFiles()[0] ?? '', `${formatBatch(keys[0], { from, to, entries: 0, digest })}\n`);
  await test.query('update journal set position = $1', [to]);
}

const operatorKeys = { upstreams: ['openai'], maxCostPerMonth: undefined, maxCostPerMonthOfAccount: undefined };

interface Spending {
  readonly grantId: string;
  readonly accountId: string;
  readonly replicaId: string;
}

async function admit({ grantId, accountId, replicaId }: Spending): Promise<string> {
  const requestId = randomUUID();
  const amounts = { estimate: 100n, floor: 50n, tokens: 100, isStream: true };
  const request = { requestId, grantId, accountId, ...amounts, upstream: 'openai', model: 'gpt-4o', operation: 'x' };
  const [admission] = await admitRequests(test.db, {
    replicaId,
    catalogueVersion: 'test',
    requests: [request],
    operatorKeys,
  });
  expect(admission?.verdict).toBe('admitted');
  return requestId;
}

async function spend(spending: Spending, cost: bigint): Promise<string> {
  const requestId = await admit(spending);
  await settleRequests(test.db, [{ ...spending, requestId, settlement: 'reported', cost }]);
  return requestId;
}

const readCounters = async () => ({
  grants: await test.query(`
    select id, spent, held, used_requests, open_streams, day::text, day_cost, month::text, month_cost from grants order by id`),
  limits: await test.query('select account_id, month::text, month_cost from account_limits order by account_id'),
  operator: await test.query('select account_id, month::text, cost, held from operator_spending order by account_id'),
  ledger: await test.query('select request_id, cost, settlement, corrects from ledger order by request_id'),
});

async function expectAgreement(): Promise<void> {
  expect([await verifyLedger(test.db), await verifyOperatorSpending(test.db), await verifyUsage(test.db)]).toEqual([
    [],
    [],
    [],
  ]);
}

// The ids at the beginning of titles are rows of docs/security.md.
it('F10: after the journal is replayed, every counter includes what was spent since the backup', async () => {
  const writer = openWriter();
  const replicaId = await announceReplica(test.db);
  const accountId = await addAccount(test.db);
  await setAccountLimit(test.db, { accountId, maxCostPerMonth: 1_000_000n, mayRaise: true });
  const grantId = await addGrant(test.db, { accountId });
  const other = await addGrant(test.db);
  const spending = { grantId, accountId, replicaId };
  await spend(spending, 10n);
  await writer.write();
  const early = await admit(spending);
  await writer.write();
  const backup = await Backup.make(test.url);

  await settleRequests(test.db, [{ ...spending, requestId: early, settlement: 'reported', cost: 7n }]);
  await spend(spending, 20n);
  const open = await admit(spending);
  await writer.write();
  const corrected = await spend(spending, 5n);
  await settleRequests(test.db, [{ ...spending, requestId: open, settlement: 'released', cost: undefined }]);
  await writer.write();
  expect(await correctCharge(test.db, { requestId: corrected, cost: 30n, reason: 'test' })).toBe(25n);
  await writer.write();
  const truth = await readCounters();

  await backup.restore();
  expect(await readCounters()).not.toEqual(truth);
  const planned = await replay(true);
  expect(planned.accounts).toMatchObject([{ requests: 3, cost: 57n, endedGrants: 1 }]);
  expect(await readCounters()).not.toEqual(truth);
  expect(await replay()).toEqual(planned);
  expect(await readCounters()).toEqual(truth);
  await expectAgreement();
  expect((await findGrant(test.db, other))?.state).toBe('active');

  // The backup is restored again, and the replay has the same result.
  await backup.restore();
  expect(await replay()).toEqual(planned);
  expect(await readCounters()).toEqual(truth);
  expect((await replay()).accounts).toEqual([]);
  expect(await readCounters()).toEqual(truth);
});

it('F10: a request whose end is not in the journal is charged in full, and its grant ends', async () => {
  const writer = openWriter();
  const replicaId = await announceReplica(test.db);
  const accountId = await addAccount(test.db);
  await setAccountLimit(test.db, { accountId, maxCostPerMonth: 1_000_000n, mayRaise: true });
  const grantId = await addGrant(test.db, { accountId });
  await writer.write();
  const backup = await Backup.make(test.url);
  await admit({ grantId, accountId, replicaId });
  await writer.write();

  await backup.restore();
  expect(await replay()).toMatchObject({ grantsWithUnknownUse: 1, accounts: [{ requests: 1, cost: 100n }] });
  const grant = await findGrant(test.db, grantId);
  expect(grant).toMatchObject({ state: 'revoked', usage: { spent: 100n, requests: 1, reserved: 0n } });
  await expectAgreement();
});

it('F10: what ended or was limited since a backup stays so after the journal is replayed', async () => {
  const writer = openWriter();
  const [revoked, limited] = [await addGrant(test.db), await addGrant(test.db)];
  const [blocked, disabled, deleted] = [await addClient(test.db), await addAccount(test.db), await addAccount(test.db)];
  const ofBlocked = await addGrant(test.db, { clientId: blocked });
  await insertAuditEvent(test.db, { event: 'signed_in', accountId: deleted });
  await sealAll(test.db);
  await sealAll(test.db);
  await writer.write();
  const backup = await Backup.make(test.url);

  await revokeGrant(test.db, { grantId: revoked, reason: 'owner', revokedBy: 'owner' });
  const before = await findGrant(test.db, limited);
  await updateGrantLimits(test.db, {
    grantId: limited,
    accountId: before?.accountId ?? '',
    limits: { ...before?.limits, maxRequests: 3 } as never,
    expiresAt: before?.expiresAt ?? new Date(),
    mayRaise: false,
  });
  await blockClient(test.db, { clientId: blocked, by: undefined });
  await disableAccount(test.db, disabled);
  await deleteAccount(test.db, deleted);
  await insertAuditEvent(test.db, { event: 'password_changed', accountId: before?.accountId ?? '' });
  await writer.write();

  await backup.restore();
  expect((await findGrant(test.db, revoked))?.state).toBe('active');
  const report = await replay();
  expect((await findGrant(test.db, revoked))?.state).toBe('revoked');
  expect((await findGrant(test.db, ofBlocked))?.state).toBe('revoked');
  expect((await findGrant(test.db, limited))?.limits.maxRequests).toBe(3);
  expect(await test.query('select client_id from client_blocks')).toEqual([{ client_id: blocked }]);
  expect(await test.query('select id from accounts where disabled_at is not null')).toEqual([{ id: disabled }]);
  expect(await test.query('select id from accounts where id = $1', [deleted])).toEqual([]);
  expect(report.accounts.filter(({ hasOldSignIn }) => hasOldSignIn)).toHaveLength(1);
  const reasons = await test.query('select revoked_reason from grants where id = $1', [revoked]);
  expect(reasons).toEqual([{ revoked_reason: 'owner' }]);
});

it('F10: if a password was changed since a backup, a replay ends the API tokens and names the owner', async () => {
  const writer = openWriter();
  const [changed, reset, untouched] = [await addAccount(test.db), await addAccount(test.db), await addAccount(test.db)];
  for (const accountId of [changed, reset, untouched]) {
    await test.query(
      `insert into account_tokens (id, account_id, token_hash, name, scopes, expires_at)
        values ($1, $2, $1, 'a token', '{read}', now() + interval '1 day')`,
      [randomUUID(), accountId],
    );
    await replaceRecoveryCodes(test.db, accountId, [randomUUID()]);
  }
  await writer.write();
  const backup = await Backup.make(test.url);
  // Only the events of these acts are written: after the restore, the tables are as they were before the acts anyway.
  await insertAuditEvent(test.db, { event: 'password_changed', accountId: changed });
  const detail = { by: 'link', recovery_codes: 'ended' };
  await insertAuditEvent(test.db, { event: 'password_reset', accountId: reset, detail });
  await writer.write();

  await backup.restore();
  expect((await replay()).accounts).toMatchObject([{ hasOldSignIn: true }, { hasOldSignIn: true }]);
  const ids = [changed, reset, untouched];
  expect(await test.query('select account_id from account_tokens where account_id = any ($1)', [ids])).toEqual([
    { account_id: untouched },
  ]);
  const codesOf = async (id: string) => (await summarizeRecoveryCodes(test.db, id)).left;
  expect([await codesOf(changed), await codesOf(reset), await codesOf(untouched)]).toEqual([1, 0, 1]);
});

async function addSecret(): Promise<string> {
  const id = await addClient(test.db);
  const client = { name: 'Test app', metadata: {}, webOrigins: [], registeredBy: 'operator' } as const;
  await upsertClient(test.db, { ...client, id, secretHash: 'the first' });
  return id;
}

const replaceSecret = async (clientId: string) =>
  expect(
    await rotateClientSecret(test.db, { clientId, by: 'test' }, { secretHash: 'the second', overlapSeconds: 0 }),
  ).toBe('rotated');

async function storeApiKey(accountId: string, version: number): Promise<void> {
  const key = { upstream: 'openai', host: 'api.openai.com', sealingKeyId: 'test', jwe: 'a', lastFour: 'abcd' } as const;
  expect(await upsertProviderKey(test.db, { ...key, accountId, version })).toBe(true);
}

it('F10: secrets and API keys that were replaced since a backup end, and the report names them', async () => {
  const writer = openWriter();
  const [accountId, clientId] = [await addAccount(test.db), await addSecret()];
  await storeApiKey(accountId, 1);
  await writer.write();
  const backup = await Backup.make(test.url);
  await replaceSecret(clientId);
  await storeApiKey(accountId, 2);
  await writer.write();

  await backup.restore();
  const report = await replay();
  expect(report).toMatchObject({ endedSecrets: [clientId], accounts: [{ endedApiKeys: ['openai'] }] });
  expect(await listProviderKeys(test.db, accountId)).toEqual([]);
  const [client] = await test.query<{ secret_hash: string }>('select secret_hash from clients where id = $1', [
    clientId,
  ]);
  expect(['the first', 'the second']).not.toContain(client?.secret_hash);
});

it('F10: an act that the backup has, although the journal wrote it later, is not repeated', async () => {
  const writer = openWriter();
  const [accountId, clientId] = [await addAccount(test.db), await addSecret()];
  await storeApiKey(accountId, 1);
  await writer.write();
  await replaceSecret(clientId);
  await storeApiKey(accountId, 2);
  const backup = await Backup.make(test.url);
  await writer.write();

  await backup.restore();
  expect(await replay()).toMatchObject({ endedSecrets: [], accounts: [] });
  expect(await listProviderKeys(test.db, accountId)).toHaveLength(1);
  expect(await test.query('select secret_hash from clients where id = $1', [clientId])).toEqual([
    { secret_hash: 'the second' },
  ]);
});

it('F10: owners who added an authenticator app or made new recovery codes are named, and a right to invite stays ended', async () => {
  const writer = openWriter();
  const [app, codes, inviter] = [await addAccount(test.db), await addAccount(test.db), await addAccount(test.db)];
  await setMayInvite(test.db, inviter, { mayInvite: true });
  await writer.write();
  const backup = await Backup.make(test.url);
  await insertAuditEvent(test.db, { event: 'authenticator_app_added', accountId: app });
  await replaceRecoveryCodes(test.db, codes, [randomUUID()]);
  await setMayInvite(test.db, inviter, { mayInvite: false });
  await writer.write();

  await backup.restore();
  const { accounts } = await replay();
  const named = await test.query<{ email: string }>('select email from accounts where id = any ($1) order by email', [
    [app, codes],
  ]);
  expect(accounts.filter(({ hasOldSignIn }) => hasOldSignIn).map(({ email }) => email)).toEqual(
    named.map(({ email }) => email),
  );
  expect(await test.query('select from inviters where account_id = $1', [inviter])).toEqual([]);
});

it('F10: a refresh token that was used since a backup stays used, and its successor works', async () => {
  const writer = openWriter();
  const grantId = await addGrant(test.db);
  const store = (idHash: string) =>
    upsertArtifact(test.db, {
      model: 'RefreshToken',
      idHash,
      payload: { n: 1 },
      grantId,
      uid: undefined,
      expiresInSeconds: 600,
    });
  await store('first');
  await writer.write();
  const backup = await Backup.make(test.url);
  await test.query("update artifacts set consumed_at = now() where id_hash = 'first'");
  await store('second');
  await insertAuditEvent(test.db, { event: 'token_issued', grantId });
  await writer.write();
  await passTime(11);
  const find = (idHash: string) => findArtifact(test.db, { model: 'RefreshToken', idHash });

  await backup.restore();
  expect((await find('first'))?.consumedAt).toBeUndefined();
  await replay();
  expect((await find('first'))?.consumedAt).toBeInstanceOf(Date);
  expect(await find('second')).toMatchObject({ grantId, consumedAt: undefined, payload: { n: 1 } });
  expect((await findGrant(test.db, grantId))?.state).toBe('active');
});

it('F10: recovery codes that were used or replaced since a backup do not work again; unused codes that were not replaced do', async () => {
  const writer = openWriter();
  const [used, replaced] = [await addAccount(test.db), await addAccount(test.db)];
  const [first, second] = [randomUUID(), randomUUID()];
  for (const accountId of [used, replaced]) await replaceRecoveryCodes(test.db, accountId, [first, second]);
  await writer.write();
  const backup = await Backup.make(test.url);
  expect(await consumeRecoveryCode(test.db, { accountId: used, code: first })).toBe(true);
  await replaceRecoveryCodes(test.db, replaced, [randomUUID()]);
  await writer.write();

  await backup.restore();
  const { accounts } = await replay();
  expect(await consumeRecoveryCode(test.db, { accountId: used, code: first })).toBe(false);
  expect(await consumeRecoveryCode(test.db, { accountId: used, code: second })).toBe(true);
  expect((await summarizeRecoveryCodes(test.db, replaced)).left).toBe(0);
  // only the owner whose codes were replaced has to make new ones
  expect(accounts.filter(({ hasOldSignIn }) => hasOldSignIn)).toHaveLength(1);
});

it('F10: the code of an authenticator app that was used since a backup is refused after the replay', async () => {
  const writer = openWriter();
  const accountId = await addAccount(test.db);
  const app = { accountId, sealedSecret: 'sealed', resealedSecret: 'sealed' };
  await insertAuthenticatorApp(test.db, accountId, 'sealed');
  const step = BigInt(Math.floor(Date.now() / 30_000));
  await confirmAuthenticatorApp(test.db, { ...app, step: step - 9n });
  await writer.write();
  const backup = await Backup.make(test.url);
  expect(await useAppCode(test.db, { ...app, step })).toBe(true);
  await writer.write();

  await backup.restore();
  await replay();
  expect(await useAppCode(test.db, { ...app, step: step + 1n })).toBe(false);
  expect(await useAppCode(test.db, { ...app, step: step + 9n })).toBe(true);
});

it('F10: access that was given since a backup is gone after the replay, and what it spent counts for its owner', async () => {
  const writer = openWriter();
  const replicaId = await announceReplica(test.db);
  const accountId = await addAccount(test.db);
  await setAccountLimit(test.db, { accountId, maxCostPerMonth: 1_000_000n, mayRaise: true });
  await writer.write();
  const backup = await Backup.make(test.url);
  const given = await addGrant(test.db, { accountId });
  await spend({ grantId: given, accountId, replicaId }, 10n);
  const stranger = await addAccount(test.db);
  await spend({ grantId: await addGrant(test.db, { accountId: stranger }), accountId: stranger, replicaId }, 20n);
  await writer.write();

  await backup.restore();
  expect((await replay()).accounts).toMatchObject([{ requests: 1, cost: 10n, endedGrants: 0 }]);
  expect(await findGrant(test.db, given)).toBeUndefined();
  expect(await test.query('select month_cost from account_limits where account_id = $1', [accountId])).toEqual([
    { month_cost: 10n },
  ]);
  expect(await test.query('select id from accounts where id = $1', [stranger])).toEqual([]);
  await expectAgreement();
});

it('F10: a journal that has just begun ends no access that was used long before', async () => {
  const grantId = await addGrant(test.db);
  await insertAuditEvent(test.db, { event: 'token_issued', grantId });
  const writer = openWriter();
  await writer.write();
  const backup = await Backup.make(test.url);
  await writer.write(true);
  await backup.restore();
  expect((await replay()).grantsWithUnknownUse).toBe(0);
  expect((await findGrant(test.db, grantId))?.state).toBe('active');
});

it('F10: a file that is removed or cut while a server writes it is noticed, and the next batch has a new file', async () => {
  const writer = openWriter();
  await writer.write();
  for (const damage of [(file: string) => rmSync(file), (file: string) => truncateSync(file, 1)]) {
    const [file = ''] = listFiles().slice(-1);
    damage(file);
    await insertAuditEvent(test.db, { event: 'password_changed', accountId: await addAccount(test.db) });
    await expect(writer.write()).rejects.toThrow('was removed or changed');
    rmSync(file, { force: true });
    expect(await writer.write()).toBe(true);
    expect(listFiles()).toHaveLength(1);
    expect(readAll()).toContain('password_changed');
  }
});

it('F10: a journal whose end was cut off while the clock was set back is refused', async () => {
  const writer = openWriter();
  const grantId = await addGrant(test.db);
  await writer.write();
  await passTime(3_600);
  await moveLastBatch(3_600_000);
  const backup = await Backup.make(test.url);
  await writer.write();
  const [file = ''] = listFiles();
  const text = readFileSync(file, 'utf8');
  await revokeGrant(test.db, { grantId, reason: 'owner', revokedBy: 'owner' });
  await writer.write();
  await writer.write(true);
  await backup.restore();
  writeFileSync(file, text);
  await expect(replay()).rejects.toThrow('found the position');
  expect((await findGrant(test.db, grantId))?.state).toBe('active');
  writeFileSync(file, text.split('\n').slice(0, 1).join('\n'));
  await expect(replay()).rejects.toThrow('does not reach the time of the backup');
});

it('F10: text that a client chose is in one line of the journal, whatever characters it has', async () => {
  const writer = openWriter();
  const grantId = await addGrant(test.db);
  await writer.write();
  const backup = await Backup.make(test.url);
  const nonce = 'a\u2028b\u2029c\u0085d\r\ne\u{1f511}';
  await upsertArtifact(test.db, {
    model: 'RefreshToken',
    idHash: 'with a nonce',
    payload: { nonce },
    grantId,
    uid: undefined,
    expiresInSeconds: 600,
  });
  await insertAuditEvent(test.db, { event: 'token_issued', grantId });
  await writer.write();
  await passTime(11);

  await backup.restore();
  await replay();
  const restored = await findArtifact(test.db, { model: 'RefreshToken', idHash: 'with a nonce' });
  expect(restored?.payload).toEqual({ nonce });
});

it('F10: the journal of two servers has everything, although only one of them writes at a time', async () => {
  const [one, other] = [openWriter(), openWriter()];
  const replicaId = await announceReplica(test.db);
  const accountId = await addAccount(test.db);
  const spending = { grantId: await addGrant(test.db, { accountId }), accountId, replicaId };
  expect(await one.write()).toBe(true);
  expect(await other.write()).toBe(false);
  const backup = await Backup.make(test.url);
  const open = await admit(spending);
  await spend(spending, 10n);
  expect([await other.write(), await one.write(true)]).toEqual([false, true]);
  await settleRequests(test.db, [{ ...spending, requestId: open, settlement: 'reported', cost: 3n }]);
  await spend(spending, 20n);
  expect(await other.write()).toBe(true);
  expect(await one.write()).toBe(false);
  expect(listFiles()).toHaveLength(2);
  const truth = await readCounters();

  await backup.restore();
  await replay();
  expect(await readCounters()).toEqual(truth);
});

/** Changes the time of the last batch, as if the clock had been set back or forward since the batch was written. */
async function moveLastBatch(milliseconds: number): Promise<void> {
  const time = new Date(Date.now() + milliseconds).toISOString();
  await test.query('update journal set state = (state::jsonb || $1::jsonb)::text', [
    JSON.stringify({ readAt: time, openSince: time }),
  ]);
}

it('F10: after the clock of the database was set back, every server can continue to write, and nothing is missing', async () => {
  const replicaId = await announceReplica(test.db);
  const accountId = await addAccount(test.db);
  const spending = { grantId: await addGrant(test.db, { accountId }), accountId, replicaId };
  const one = openWriter();
  await one.write();
  await passTime(3_600);
  await moveLastBatch(3_600_000);
  const backup = await Backup.make(test.url);
  await spend(spending, 10n);
  expect(await openWriter().write()).toBe(true);
  expect(await one.write()).toBe(false);
  // the server that continued has crashed, and the position is still in the future
  await moveLastBatch(-6_000);
  await spend(spending, 20n);
  expect(await one.write()).toBe(true);
  const truth = await readCounters();

  await backup.restore();
  expect((await replay()).accounts).toMatchObject([{ requests: 2, cost: 30n }]);
  expect(await readCounters()).toEqual(truth);
});

it('F10: a journal whose position does not change for a minute is noticed, whatever the clock of the database says', () => {
  const progress = new JournalProgress();
  expect([progress.hasStopped(5n, 0), progress.hasStopped(5n, 60_000), progress.hasStopped(5n, 60_001)]).toEqual([
    false,
    false,
    true,
  ]);
  expect(progress.readAgeSeconds(60_001)).toBe(60.001);
  expect(progress.hasStopped(6n, 60_002)).toBe(false);
  expect(progress.readAgeSeconds(60_502)).toBe(0.5);
});

it('F10: changes that were written twice because a server crashed count once', async () => {
  const writer = openWriter();
  const replicaId = await announceReplica(test.db);
  const accountId = await addAccount(test.db);
  const spending = { grantId: await addGrant(test.db, { accountId }), accountId, replicaId };
  await writer.write();
  const backup = await Backup.make(test.url);
  await spend(spending, 10n);
  const [before] = await test.query<{ position: bigint; state: string }>('select position, state from journal');
  await writer.write();
  // as if the server had crashed after it wrote the file, and before it committed the position
  await test.query("update journal set position = $1, state = jsonb_set($2::jsonb, '{writer}', '\"\"')::text", [
    before?.position,
    before?.state,
  ]);
  appendFileSync(listFiles()[0] ?? '', '{"kind":"ledger","row":{"requ');
  await openWriter().write();
  const truth = await readCounters();

  await backup.restore();
  expect((await replay()).accounts).toMatchObject([{ requests: 1, cost: 10n }]);
  expect(await readCounters()).toEqual(truth);
});

it('F10: a journal that was changed, cut off, or has a gap is refused, and nothing changes', async () => {
  const writer = openWriter();
  const grantId = await addGrant(test.db);
  await writer.write();
  const backup = await Backup.make(test.url);
  await revokeGrant(test.db, { grantId, reason: 'owner', revokedBy: 'owner' });
  await writer.write();
  await revokeGrant(test.db, { grantId: await addGrant(test.db), reason: 'owner', revokedBy: 'owner' });
  await writer.write();
  await backup.restore();
  const [file = ''] = listFiles();
  const text = readFileSync(file, 'utf8');
  const lines = text.split('\n');
  const seen = readFileSync(path.join(directory, 'seen'), 'utf8');
  const isBatch = (line: string) => line.startsWith('{"batch"');
  const expectRefusal = async (content: string, reason: string, seenText = seen) => {
    writeFileSync(file, content);
    writeFileSync(path.join(directory, 'seen'), seenText);
    const error = await replay().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(JournalUnusable);
    expect(String(error)).toContain(reason);
    expect((await findGrant(test.db, grantId))?.state).toBe('active');
  };

  await expectRefusal(text.replace('grant_revoked', 'grant_changed'), 'was changed');
  await expectRefusal(lines.filter((line) => isBatch(line) || line === '').join('\n'), 'was changed');
  await expectRefusal(
    text.replace(/"to":"(\d+)"/, (_, to: string) => `"to":"${BigInt(to) + 1n}"`),
    'was changed',
  );
  const batches = lines.flatMap((line, index) => (isBatch(line) ? [index] : []));
  const withoutSecond = [...lines.slice(0, (batches[0] ?? 0) + 1), ...lines.slice((batches[1] ?? 0) + 1)];
  await expectRefusal(withoutSecond.join('\n'), 'has a gap');
  const later = seen.replace(/^\d+/, (digits) => String(BigInt(digits) + 60_000_000n));
  await expectRefusal(text, 'a server saw the database until', later);
  await expectRefusal(text, 'is missing or unreadable', '');
  writeFileSync(path.join(directory, 'seen'), seen);
  await replay();
  expect((await findGrant(test.db, grantId))?.state).toBe('revoked');
});

it('F10: after a backup was restored, no server writes, until `restored` has run', async () => {
  const writer = openWriter();
  await writer.write();
  const backup = await Backup.make(test.url);
  await writer.write(true);
  const written = readAll();
  await backup.restore();
  await expect(writer.write()).rejects.toThrow(DatabaseRestored);
  expect(readAll()).toBe(written);
  await replay();
  expect(await writer.write()).toBe(true);
});

it('F10: a backup from before the journal, or from before all access was ended, cannot use the journal', async () => {
  const writer = openWriter();
  const beforeJournal = await Backup.make(test.url);
  await writer.write();
  await beforeJournal.restore();
  await expect(replay()).rejects.toThrow('older than the journal');
  await endRestoredAccess(test.db, []);
  await writer.write();
  await test.query('drop schema backup cascade');
  const beforeEnd = await Backup.make(test.url);
  await writer.write(true);
  await beforeEnd.restore();
  await endRestoredAccess(test.db, []);
  await writer.write();
  await beforeEnd.restore();
  await expect(replay()).rejects.toThrow('has a gap');
});
