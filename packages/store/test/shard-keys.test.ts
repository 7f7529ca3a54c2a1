import { randomUUID } from 'node:crypto';
import { noLimits } from '@aipassport/policy';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { delegateGrant, setAccountLimit, upsertProviderKey } from '../src/authorization/index.js';
import { type Database, verifyLedger } from '../src/index.js';
import type { AdmissionRequest } from '../src/proxying/index.js';
import * as proxying from '../src/proxying/index.js';
import { createTestDatabase, type TestDatabase, waitPastMidnight } from '../src/testing.js';
import { addAccount, addClient, addGrant } from './fixtures.js';
import { openRecordingDatabase, type RecordingDatabase, type TableAccess } from './shard-plans.js';

/**
 * How the rows of each table of the hot path would be distributed: the columns that name the account of a row. A grant
 * belongs to one account for ever, so its id names the account too. docs/scaling.md describes the table.
 */
const shardKeys: Readonly<Record<string, readonly string[]>> = {
  accounts: ['id'],
  account_limits: ['account_id'],
  grants: ['id', 'account_id'],
  reservations: ['grant_id', 'account_id'],
  abandoned_requests: ['grant_id', 'account_id'],
  ledger: ['grant_id', 'account_id'],
  ledger_archive: ['grant_id'],
  recent_requests: ['grant_id'],
  state_requests: ['grant_id'],
  idempotency_keys: ['grant_id'],
  provider_keys: ['account_id'],
  spare_provider_keys: ['account_id'],
  usage_recent: ['grant_id'],
  account_operator_caps: ['account_id'],
  revocations: ['grant_id'],
  background_responses: ['grant_id', 'account_id'],
  provider_key_refusals: ['account_id'],
  provider_key_tests: ['account_id'],
  stored_objects: ['grant_id'],
};
/** Tables without an account. The text for each table says how its rows would be distributed: see docs/scaling.md. */
const withoutAccount: Readonly<Record<string, string>> = {
  replicas: 'every shard has the leases of all proxies that use it',
  used_proofs: 'distributed by the hash of the proof; the account would have to become a part of the key',
  operator_caps: 'the same row on every shard',
  operator_spending: 'one row for all accounts: the caps of the operator’s keys need a part for each shard',
  usage_start: 'the same row on every shard',
};

let test: TestDatabase;
let recording: RecordingDatabase;
let replicaId: string;
beforeAll(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
  recording = openRecordingDatabase(test.url);
  replicaId = randomUUID();
  await proxying.insertReplica(test.db, { replicaId, leaseSeconds: 3_600 });
  await waitPastMidnight();
});
afterAll(async () => {
  await recording?.db.destroy();
  await test?.close();
});

interface Subject {
  readonly accountId: string;
  readonly grantId: string;
}

function requestOf({ accountId, grantId }: Subject, changes: Partial<AdmissionRequest> = {}): AdmissionRequest {
  return {
    requestId: randomUUID(),
    accountId,
    grantId,
    estimate: 100n,
    floor: 10n,
    tokens: 100,
    isStream: false,
    upstream: 'openai',
    model: 'gpt-4o',
    operation: 'openai.chat/completions',
    ...changes,
  };
}

async function admitAndSettle(
  db: Database,
  requests: readonly AdmissionRequest[],
  operatorUpstreams: readonly string[] = [],
): Promise<readonly string[]> {
  const operatorKeys = {
    upstreams: operatorUpstreams,
    maxCostPerMonth: 1_000_000n,
    maxCostPerMonthOfAccount: 500_000n,
  };
  const admissions = await proxying.admitRequests(db, { replicaId, catalogueVersion: 'test', requests, operatorKeys });
  await proxying.settleRequests(
    db,
    requests.map((request) => ({ ...request, settlement: 'reported', cost: 50n })),
  );
  return admissions.map(({ verdict }) => verdict);
}

async function addSubject(limits: NonNullable<Parameters<typeof addGrant>[1]>['limits'] = {}): Promise<Subject> {
  const accountId = await addAccount(test.db);
  await setAccountLimit(test.db, { accountId, maxCostPerMonth: 1_000_000n, mayRaise: true });
  const grantId = await addGrant(test.db, {
    accountId,
    limits: { maxCost: 100_000n, maxRequestsPerMinute: 100, maxTokensPerMinute: 100_000, ...limits },
  });
  return { accountId, grantId };
}

/** The statements that a proxy runs for a request, by their reason. */
const statements: Readonly<Record<string, (db: Database, subject: Subject) => Promise<unknown>>> = {
  'admit and settle a request': (db, subject) => admitAndSettle(db, [requestOf(subject)]),
  'admit and settle a request with a proof': (db, subject) =>
    admitAndSettle(db, [requestOf(subject, { proofHash: randomUUID() })]),
  'admit and settle a request of a grant below another': async (db, { accountId, grantId: parentId }) => {
    const expiresAt = new Date(Date.now() + 600_000);
    const child = await test.db
      .transaction()
      .execute((transaction) =>
        delegateGrant(transaction, { parentId, tokens: [], limits: noLimits, reason: undefined, expiresAt }),
      );
    if (child.kind !== 'made') throw new Error(child.kind);
    await admitAndSettle(db, [requestOf({ accountId, grantId: child.grant.id })]);
  },
  'admit and settle a request with the operator’s provider key': (db, subject) =>
    admitAndSettle(db, [requestOf(subject)], ['openai']),
  'settle a request a second time': async (db, subject) => {
    const request = requestOf(subject);
    await admitAndSettle(db, [request]);
    await proxying.settleRequests(db, [{ ...request, settlement: 'reported', cost: 50n }]);
  },
  'refuse a request': async (db, subject) => {
    const [verdict] = await admitAndSettle(db, [requestOf(subject, { estimate: 10_000_000n, floor: 10_000_000n })]);
    expect(verdict).not.toBe('admitted');
  },
  'claim and release an idempotency key': async (db, { grantId }) => {
    const claim = { grantId, key: 'one', requestId: randomUUID() };
    await proxying.claimIdempotencyKeys(db, [claim]);
    await proxying.releaseIdempotencyKeys(db, [claim]);
  },
  'find and note the use of a provider key': async (db, { accountId }) => {
    await proxying.findProviderKey(db, { accountId, upstream: 'openai' });
    await proxying.findSpareKey(db, { accountId, upstream: 'openai', id: randomUUID() });
    await proxying.touchProviderKey(db, { id: randomUUID(), accountId, upstream: 'openai' });
  },
  'read a grant': async (db, { grantId }) => {
    await proxying.findGrantStatus(db, grantId);
    await proxying.findGrantStatusOnce(db, grantId, { proofHash: randomUUID(), requestId: randomUUID() });
    await proxying.listEndedGrants(db, [grantId]);
  },
  'read the states of grants': (db, { grantId }) => proxying.listGrantStates(db, [grantId]),
  'check the admission': (db) => proxying.checkAdmission(db, replicaId),
  'note and clear the refusal of a provider key': async (db, { accountId }) => {
    const refused = { accountId, upstream: 'anthropic', id: await readKeyId(accountId) };
    await proxying.noteKeyRefusals(db, [{ ...refused, reason: '401' }]);
    await proxying.clearKeyRefusals(db, [refused]);
  },
  'note the result of a key test': async (db, { accountId }) =>
    proxying.noteKeyTest(
      db,
      { accountId, upstream: 'anthropic', providerKeyId: await readKeyId(accountId), requestedAt: 'now' },
      'accepted',
    ),
  'record, find and delete stored objects': async (db, { grantId }) => {
    const object = { grantId, upstream: 'openai', id: 'resp_1', kind: 'response', tokens: 5, keptDays: 30 } as const;
    await proxying.recordStoredObjects(db, [
      object,
      { ...object, id: 'msg_1', kind: 'output_item', parentId: 'resp_1' },
    ]);
    expect(await proxying.findStoredObjects(db, { ...object, ids: ['resp_1', 'msg_1'] })).toHaveLength(2);
    expect(await proxying.listStoredIds(db, object)).toEqual([object.id]);
    await proxying.deleteStoredObject(db, object);
  },
  'open and close a turn of a conversation': async (db, subject) => {
    const { grantId } = subject;
    const conversation = { grantId, upstream: 'openai', id: 'conv_1', kind: 'conversation', tokens: 5 } as const;
    await proxying.recordStoredObjects(db, [{ ...conversation, keptDays: 30 }]);
    const added = { addedTokens: 5, addedPictures: 0 };
    const turn = { grantId, upstream: 'openai', conversationId: 'conv_1', requestId: randomUUID() };
    expect(await proxying.openTurn(db, turn, { ...added, knownTokens: 5, keptDays: 30 })).toBe(5);
    await proxying.closeTurn(db, turn, 7);
    expect(await proxying.addToConversation(db, turn, added)).toBe(true);
  },
  'keep a response in the background': async (db, subject) => {
    const { grantId, accountId } = subject;
    const request = requestOf(subject);
    await proxying.admitRequests(db, { replicaId, catalogueVersion: 'test', requests: [request] });
    const response = { grantId, accountId, requestId: request.requestId, upstream: 'openai', responseId: 'resp_2' };
    await proxying.keepInBackground(db, { ...response, quote: {} }, 60);
    expect(await proxying.findBackgroundResponse(db, response)).toMatchObject({ accountId });
    await proxying.settleRequests(db, [{ ...request, settlement: 'reported', cost: 50n }]);
    await proxying.deleteBackgroundResponse(db, response);
  },
  'count a request for stored state': (db, { grantId }) => proxying.takeStateRequest(db, grantId),
  'mark a request as simulated': async (db, subject) => {
    const request = requestOf(subject);
    await proxying.admitRequests(db, { replicaId, catalogueVersion: 'test', requests: [request] });
    await proxying.markSimulated(db, request);
    await proxying.settleRequests(db, [{ ...request, settlement: 'reported', cost: 50n }]);
  },
};

/** The other functions, which a proxy does not call for a request of one account. */
const otherFunctions: Readonly<Record<string, string>> = {
  insertReplica: 'the lease of a replica is in every shard',
  renewLease: 'the lease of a replica is in every shard',
  endLease: 'the lease of a replica is in every shard',
  noteOperatorKeyRefusal: 'the operator’s keys are in every shard',
  clearOperatorKeyRefusal: 'the operator’s keys are in every shard',
  findClientOrigins: 'clients are in every shard',
  isRegisteredOrigin: 'clients are in every shard',
  listOpenReservations: 'of all accounts, in each shard by itself',
  settleDeadReplicas: 'of all accounts, in each shard by itself',
  claimBackgroundResponses: 'of all accounts, in each shard by itself',
  takeKeyTests: 'of all accounts, in each shard by itself',
  readAccounting: 'of all accounts, in each shard by itself',
  listenForRevocations: 'at each shard',
  watchClock: 'at each shard',
  rootOf: 'runs no statement',
  LeaseLostError: 'runs no statement',
};

const readKeyId = async (accountId: string) => {
  const [row] = await test.query<{ id: string }>('select id from provider_keys where account_id = $1', [accountId]);
  return row?.id ?? '';
};

/** @returns a sentence for each access to rows that are not restricted to a shard key */
function findUnrestricted(accesses: readonly TableAccess[], keys: ReadonlyMap<string, readonly string[]>): string[] {
  return accesses.flatMap(({ table, kind, conditions, statement }) => {
    if (table in withoutAccount) return [];
    const columns = keys.get(table);
    if (columns === undefined) return [`${table} has no shard key: ${statement}`];
    if (kind === 'insert') return [];
    const isRestricted = columns.some((column) => new RegExp(`\\b${column}\\)?(::text)? = `).test(conditions));
    return isRestricted ? [] : [`${table} is read by "${conditions}": ${statement}`];
  });
}

const keys = new Map(Object.entries(shardKeys));

describe('the shard key', () => {
  it.each(Object.entries(statements))('%s: every access to a table names the account or the grant', async (_, run) => {
    const subject = await addSubject();
    await upsertProviderKey(test.db, {
      accountId: subject.accountId,
      upstream: 'anthropic',
      host: 'h',
      version: 1,
      sealingKeyId: 'k',
      jwe: 'j',
      lastFour: '1234',
    });
    recording.takeAccesses();
    await run(recording.db, subject);
    const accesses = recording.takeAccesses();
    expect(accesses.length).toBeGreaterThan(0);
    expect(findUnrestricted(accesses, keys)).toEqual([]);
  });

  it('is checked for every function by which the proxy uses the database', () => {
    const run = Object.values(statements).map(String).join() + String(admitAndSettle);
    const unchecked = Object.keys(proxying).filter((name) => !(name in otherFunctions) && !run.includes(`.${name}(`));
    expect(unchecked).toEqual([]);
  });

  it('is a column that the rows cannot lack', async () => {
    const rows = await test.query<{ name: string }>(
      `select attrelid::regclass || '.' || attname as name from pg_attribute
       where attnotnull and attnum > 0 and attrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)`,
    );
    const present = new Set(rows.map(({ name }) => name));
    const named = Object.entries(shardKeys).flatMap(([table, columns]) =>
      columns.map((column) => `${table}.${column}`),
    );
    expect(named.filter((name) => !present.has(name))).toEqual([]);
  });

  it('is reported as missing for a statement that looks for rows of all accounts, so the check can fail', async () => {
    recording.takeAccesses();
    await recording.db.selectFrom('grants').select('id').where('status', '=', 'active').execute();
    expect(findUnrestricted(recording.takeAccesses(), keys)).toHaveLength(1);
  });
});

/** A database with a part of the accounts. */
interface Shard {
  readonly database: TestDatabase;
  readonly accountIds: readonly string[];
}

/** Copies everything that the hot path needs of these accounts. */
async function copyAccounts(from: TestDatabase, { database, accountIds }: Shard): Promise<void> {
  const copy = async (table: string, condition: string, values: readonly unknown[]) => {
    const rows = await from.query<{ row: unknown }>(
      `select to_jsonb(t) as row from ${table} t where ${condition}`,
      values,
    );
    for (const { row } of rows)
      await database.query(`insert into ${table} select * from jsonb_populate_record(null::${table}, $1)`, [
        JSON.stringify(row),
      ]);
  };
  await copy('clients', 'true', []);
  await copy('accounts', 'id = any ($1)', [accountIds]);
  for (const table of ['account_limits', 'grants']) await copy(table, 'account_id = any ($1)', [accountIds]);
  await proxying.insertReplica(database.db, { replicaId, leaseSeconds: 3_600 });
}

const readCounters = (database: TestDatabase) =>
  database.query<{ id: string }>(
    'select id, spent, held, used_requests, month_cost, open_streams from grants order by id',
  );

it('two databases with half of the accounts each decide as one database with all accounts does', async () => {
  const whole = await createTestDatabase(process.env.TEST_DATABASE_URL);
  const shards: Shard[] = [];
  try {
    const clientId = await addClient(whole.db);
    const subjects: Subject[] = [];
    for (let index = 0; index < 6; index += 1) {
      const accountId = await addAccount(whole.db);
      await setAccountLimit(whole.db, { accountId, maxCostPerMonth: 2_000n, mayRaise: true });
      for (const limits of [{ maxCost: 1_500n }, { maxRequests: 12, maxStreams: 2 }])
        subjects.push({ accountId, grantId: await addGrant(whole.db, { accountId, clientId, limits }) });
    }
    await proxying.insertReplica(whole.db, { replicaId, leaseSeconds: 3_600 });
    const accountIds = [...new Set(subjects.map(({ accountId }) => accountId))];
    for (const half of [accountIds.slice(0, 3), accountIds.slice(3)]) {
      const shard = { database: await createTestDatabase(process.env.TEST_DATABASE_URL), accountIds: half };
      shards.push(shard);
      await copyAccounts(whole, shard);
    }
    const verdicts = new Set<string>();
    for (let round = 0; round < 40; round += 1) {
      const requests = subjects
        .filter((_, index) => (index * 7 + round * 3) % 4 !== 0)
        .map((subject, index) =>
          requestOf(subject, {
            estimate: BigInt(50 + ((index + round) % 5) * 40),
            isStream: (index + round) % 3 === 0,
          }),
        );
      const settled = requests.filter((_, index) => (index + round) % 4 !== 0);
      const run = async ({ db }: TestDatabase, isMine: (request: AdmissionRequest) => boolean) => {
        const mine = requests.filter(isMine);
        const admissions = await proxying.admitRequests(db, { replicaId, catalogueVersion: 'test', requests: mine });
        await proxying.settleRequests(
          db,
          settled.filter(isMine).map((request) => ({ ...request, settlement: 'reported', cost: 40n })),
        );
        // the time until a retry depends on the clock, not on the accounts
        return admissions.map((admission, index) => {
          const requestId = mine[index]?.requestId ?? '';
          return [requestId, { ...admission, retryAfterSeconds: 0 }] as const;
        });
      };
      const expected = new Map(await run(whole, () => true));
      const answers = await Promise.all(
        shards.map(({ database, accountIds: own }) => run(database, ({ accountId }) => own.includes(accountId))),
      );
      expect(new Map(answers.flat().map(([id]) => [id, expected.get(id)]))).toEqual(new Map(answers.flat()));
      for (const { verdict } of expected.values()) verdicts.add(verdict);
    }
    expect(verdicts.size).toBeGreaterThan(2);
    const counters = await Promise.all(shards.map(({ database }) => readCounters(database)));
    expect(counters.flat().toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual(await readCounters(whole));
    for (const { db } of [whole, ...shards.map(({ database }) => database)]) expect(await verifyLedger(db)).toEqual([]);
  } finally {
    await Promise.all([whole, ...shards.map(({ database }) => database)].map(({ close }) => close()));
  }
});
