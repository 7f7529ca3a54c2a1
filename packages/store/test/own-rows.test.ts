import { randomUUID } from 'node:crypto';
import { noLimits } from '@aipassport/policy';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Kysely, sql } from 'kysely';
import {
  clearAttempts,
  countAttempt,
  deleteOwnerSession,
  deleteOwnerSessions,
  deleteProviderKey,
  findAccountLimit,
  findGrant,
  findOwnerSession,
  insertAccount,
  insertAuditEvent,
  insertOwnerSession,
  listActiveGrants,
  listGrantsOfClient,
  listLiveGrants,
  listOpenRequests,
  listPastClients,
  listProviderKeys,
  listUsage,
  revokeGrant,
  revokeGrantsOfOwner,
  setAccountLimit,
  updateGrantLimits,
  updatePasswordHash,
  updateTimeZone,
  upsertProviderKey,
} from '../src/authorization/index.js';
import { type Database, openDatabase } from '../src/index.js';
import { type AdmissionRequest, admitRequests, insertReplica, settleRequests } from '../src/proxying/index.js';
import { createTestDatabase, type TestDatabase } from '../src/testing.js';
import { addAccount, addClient, addGrant } from './fixtures.js';

let test: TestDatabase;
/** A connection whose statements fail when they wait longer than two seconds for a lock. */
let impatient: Database;
let clientId: string;
beforeAll(async () => {
  test = await createTestDatabase(process.env.TEST_DATABASE_URL);
  const url = new URL(test.url);
  impatient = openDatabase({ url: url.href, applicationName: 'impatient', maxConnections: 1 });
  await sql`set lock_timeout = '2s'`.execute(impatient);
  clientId = await addClient(test.db);
  await insertReplica(test.db, { replicaId: 'one', leaseSeconds: 3_600 });
});
afterAll(async () => {
  await impatient.destroy();
  await test.close();
});

interface Owner {
  readonly accountId: string;
  readonly grantId: string;
}

async function addOwner(): Promise<Owner> {
  const accountId = await addAccount(test.db);
  const grantId = await addGrant(test.db, { accountId, clientId });
  await setAccountLimit(test.db, { accountId, maxCostPerMonth: 1_000n, mayRaise: true });
  return { accountId, grantId };
}

type Statement = (db: Database, owner: Owner) => Promise<unknown>;

/** Statements that the pages run for an owner. */
const statements: Readonly<Record<string, Statement>> = {
  'set the limit of the account': (db, { accountId }) =>
    setAccountLimit(db, { accountId, maxCostPerMonth: 900n, mayRaise: false }),
  'lift the limit of the account': (db, { accountId }) =>
    setAccountLimit(db, { accountId, maxCostPerMonth: undefined, mayRaise: true }),
  'set the first limit of the account': async (db) =>
    setAccountLimit(db, { accountId: (await addOwnerWithout()).accountId, maxCostPerMonth: 900n, mayRaise: false }),
  'show the limit of the account': (db, { accountId }) => findAccountLimit(db, accountId),
  'change the time zone': (db, { accountId }) => updateTimeZone(db, accountId, 'Europe/Berlin'),
  'change the limits of a grant': (db, owner) =>
    updateGrantLimits(db, {
      ...owner,
      limits: { ...noLimits, maxRequests: 5 },
      expiresAt: new Date(Date.now() + 60_000),
      mayRaise: true,
    }),
  'consent to a new grant': (db, { accountId }) => addGrant(db, { accountId, clientId }),
  'revoke a grant': (db, { accountId, grantId }) =>
    revokeGrant(db, { grantId, accountId, reason: 'owner', revokedBy: accountId }),
  'show grants and what they were used for': (db, { accountId, grantId }) =>
    Promise.all([
      listLiveGrants(db, accountId),
      listPastClients(db, accountId),
      listGrantsOfClient(db, { accountId, clientId }),
      listOpenRequests(db, accountId),
      listActiveGrants(db, { accountId, clientId }),
      findGrant(db, grantId),
      listUsage(db, { accountId, of: { grantId }, limit: 50 }),
      listUsage(db, { accountId, of: { clientId }, limit: 50 }),
    ]),
  'remove the access of a client': (db, { accountId }) => revokeGrantsOfOwner(db, { accountId, clientId }),
  'remove the access of all clients': (db, { accountId }) => revokeGrantsOfOwner(db, { accountId }),
  'store and delete a provider key': async (db, { accountId }) => {
    const key = { upstream: 'openai', host: 'h', version: 1, sealingKeyId: 'k', jwe: 'j', lastFour: '1234' } as const;
    await upsertProviderKey(db, { accountId, ...key });
    await listProviderKeys(db, accountId);
    await deleteProviderKey(db, { accountId, upstream: 'openai' });
  },
  'sign in and out': async (db, { accountId }) => {
    const sessionId = randomUUID();
    await insertOwnerSession(db, { sessionId, accountId, lifetimeSeconds: 60 });
    await findOwnerSession(db, sessionId, { idleSeconds: 60 });
    await deleteOwnerSession(db, sessionId);
    await deleteOwnerSessions(db, accountId);
  },
  'change the password': async (db, { accountId }) => {
    const { password_hash: previousHash } = await db
      .selectFrom('accounts')
      .select('password_hash')
      .where('id', '=', accountId)
      .executeTakeFirstOrThrow();
    await updatePasswordHash(db, { accountId, previousHash, passwordHash: 'not-a-hash' });
  },
  'make an account': (db) => insertAccount(db, { email: `${randomUUID()}@example.com`, passwordHash: 'not-a-hash' }),
  'count attempts': async (db, { accountId }) => {
    await countAttempt(db, { key: accountId, limit: 5, windowSeconds: 60 });
    await clearAttempts(db, accountId);
  },
  'write into the audit log': (db, { accountId }) =>
    insertAuditEvent(db, { event: 'signed_in', accountId, detail: {} }),
};

async function addOwnerWithout(): Promise<Owner> {
  const accountId = await addAccount(test.db);
  return { accountId, grantId: await addGrant(test.db, { accountId, clientId }) };
}

async function pass(db: Database, { accountId, grantId }: Owner): Promise<string | undefined> {
  const kind = { upstream: 'openai', model: 'gpt-4o', operation: 'openai.chat/completions' };
  const request: AdmissionRequest = {
    requestId: randomUUID(),
    grantId,
    accountId,
    estimate: 10n,
    floor: 1n,
    tokens: 1,
    isStream: false,
    ...kind,
  };
  const [admission] = await admitRequests(db, { replicaId: 'one', catalogueVersion: 'test', requests: [request] });
  await settleRequests(db, [{ ...request, settlement: 'reported', cost: 1n }]);
  return admission?.verdict;
}

/** The table locks of a transaction, except those that reading and writing rows take. */
async function listTableLocks(transaction: Kysely<never> | Database): Promise<readonly unknown[]> {
  const { rows } = await sql`
    select relation::regclass::text as relation, mode from pg_locks
    where pid = pg_backend_pid() and locktype = 'relation' and database = (select oid from pg_database where datname = current_database())
      and mode not in ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock')`.execute(transaction as Database);
  return rows;
}

const undo = new Error('as if it took for ever');

describe.each(Object.entries(statements))('the statement to %s', (_name, statement) => {
  it('locks no table, and does not delay requests or pages of another account', async () => {
    const [owner, other] = [await addOwner(), await addOwner()];
    const held = test.db.transaction().execute(async (transaction) => {
      await statement(transaction, owner);
      expect(await listTableLocks(transaction)).toEqual([]);
      expect(await pass(impatient, other)).toBe('admitted');
      for (const one of Object.values(statements)) await one(impatient, other);
      throw undo;
    });
    await expect(held).rejects.toBe(undo);
  });
});

describe('the first limit of an account', () => {
  it('includes requests that are being admitted while the limit is set', async () => {
    const owner = await addOwnerWithout();
    let setting: Promise<boolean> | undefined;
    await test.db.transaction().execute(async (transaction) => {
      expect(await pass(transaction, owner)).toBe('admitted');
      setting = setAccountLimit(test.db, { accountId: owner.accountId, maxCostPerMonth: 100n, mayRaise: false });
      await new Promise((resolve) => setTimeout(resolve, 100));
    });
    expect(await setting).toBe(true);
    expect((await findAccountLimit(test.db, owner.accountId))?.monthCost).toBe(1n);
  });

  it('applies to requests whose admission began before the limit was committed', async () => {
    const owner = await addOwnerWithout();
    let passing: Promise<string | undefined> | undefined;
    await test.db.transaction().execute(async (transaction) => {
      await setAccountLimit(transaction, { accountId: owner.accountId, maxCostPerMonth: 1n, mayRaise: false });
      await sql`update account_limits set month_cost = 1 where account_id = ${owner.accountId}`.execute(transaction);
      passing = pass(test.db, owner);
      await new Promise((resolve) => setTimeout(resolve, 100));
    });
    expect(await passing).toBe('account_budget_exhausted');
  });

  it('counts exactly while the limit is set and lifted during requests, even for grants that are made meanwhile', async () => {
    const owner = await addOwnerWithout();
    const { accountId } = owner;
    const grants = [owner];
    let isOver = false;
    const passAll = async () => {
      while (!isOver) for (const grant of grants) await pass(test.db, grant).catch(requireBusy);
    };
    const passing = [passAll(), passAll(), passAll()];
    for (let round = 0; round < 40; round += 1) {
      await setAccountLimit(test.db, { accountId, maxCostPerMonth: 1_000_000n, mayRaise: true });
      grants.push({ accountId, grantId: await addGrant(test.db, { accountId, clientId }) });
      if (round < 39) await setAccountLimit(test.db, { accountId, maxCostPerMonth: undefined, mayRaise: true });
    }
    isOver = true;
    await Promise.all(passing);
    const { rows } = await sql<{ cost: bigint }>`
      select sum(month_cost)::bigint as cost from grants where account_id = ${accountId}`.execute(test.db);
    expect(rows[0]?.cost).toBeGreaterThan(10n);
    expect((await findAccountLimit(test.db, accountId))?.monthCost).toBe(rows[0]?.cost);
  });
});

/**
 * Accepts only the error of a settlement that does not wait for another transaction to change the limit. The loop
 * continues with a new request.
 */
function requireBusy(error: unknown): void {
  expect(error).toMatchObject({ code: '55P03' });
}
