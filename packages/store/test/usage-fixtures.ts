import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { addUpUsage, type Database } from '../src/index.js';
import { type AdmissionRequest, admitRequests, settleRequests } from '../src/proxying/index.js';
import { addAccount, addGrant } from './fixtures.js';
import { waitUntil } from './wait-until.js';

/** The first day of this month, as `YYYY-MM-DD`. */
export const thisMonth = () => `${new Date().toISOString().slice(0, 7)}-01`;

export interface Owner {
  readonly accountId: string;
  readonly grantId: string;
}

export async function addOwner(db: Database): Promise<Owner> {
  const accountId = await addAccount(db);
  return { accountId, grantId: await addGrant(db, { accountId }) };
}

/** Admits requests by the replica `one`. The operator has a provider key for Google. */
export async function admit(
  db: Database,
  owner: Owner,
  count: number,
  changes: Partial<AdmissionRequest> = {},
): Promise<readonly AdmissionRequest[]> {
  const requests = Array.from({ length: count }, () => ({
    requestId: randomUUID(),
    ...owner,
    estimate: 100n,
    floor: 100n,
    tokens: 100,
    isStream: false,
    upstream: 'openai',
    model: 'gpt-4o',
    operation: 'openai.chat/completions',
    ...changes,
  }));
  const operatorKeys = { upstreams: ['google'], maxCostPerMonth: undefined, maxCostPerMonthOfAccount: undefined };
  await admitRequests(db, { replicaId: 'one', catalogueVersion: 'test', requests, operatorKeys });
  return requests;
}

/** Settles each request for 10. */
export async function settle(db: Database, requests: readonly AdmissionRequest[]): Promise<void> {
  await settleRequests(
    db,
    requests.map((request) => ({ ...request, settlement: 'reported', cost: 10n }) as const),
  );
}

/** Admits requests and settles each one for 10. */
export async function serve(
  db: Database,
  owner: Owner,
  count: number,
  changes: Partial<AdmissionRequest> = {},
): Promise<void> {
  await settle(db, await admit(db, owner, count, changes));
}

/**
 * Adds up all sums. Repeats it while transactions of other tests on the same server are open, because a transaction
 * delays the work in every database.
 */
export async function addUpAll(db: Database): Promise<void> {
  await waitUntil(async () => {
    await sql`update usage_start set period_began_at = '-infinity'`.execute(db);
    await addUpUsage(db);
    return (await countRecent(db)) === 0;
  }, 45_000);
}

export async function countRecent(db: Database): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from usage_recent`.execute(db);
  return rows[0]?.count ?? 0;
}
