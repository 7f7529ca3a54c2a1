import { sql } from 'kysely';
import { formatArray } from '../database/format-array.js';
import type { Database } from '../database/open-database.js';
import { signInEvents } from './journaled-events.js';
import type { ReplayedEvent } from './replay-events.js';
import type { ReplayedSpending } from './replay-ledger.js';

export interface ReplayedAccount {
  readonly email: string;
  readonly endedGrants: number;
  readonly requests: number;
  readonly cost: bigint;
  /** Whether a way to sign in was added, changed or removed since the backup. It is now as in the backup. */
  readonly hasOldSignIn: boolean;
  /** The AI providers whose API key was deleted or replaced since the backup. The account has none for them now. */
  readonly endedApiKeys: readonly string[];
}

export interface ReplayReport {
  /** The time of the backup. */
  readonly from: string;
  /** The time at which the journal ends. */
  readonly to: string;
  readonly batches: number;
  /**
   * The number of grants that ended because they were used when the journal ended, so their use is not fully known. They
   * are among the ended grants of the accounts.
   */
  readonly grantsWithUnknownUse: number;
  /** Only accounts for which something was done, or whose ways to sign in are as in the backup (`hasOldSignIn`). */
  readonly accounts: readonly ReplayedAccount[];
  /**
   * The ids of the clients whose secret was replaced since the backup. Each has a random secret now that was not shown,
   * and needs a new one.
   */
  readonly endedSecrets: readonly string[];
}

const apiKeyEvents: readonly string[] = ['provider_key_deleted', 'provider_key_replaced'];
const secretEvents: readonly string[] = ['client_secret_replaced'];
const reportedEvents: ReadonlySet<string> = new Set([...signInEvents, ...apiKeyEvents, ...secretEvents]);

/** Whether the report says what people have to do because of the event. */
export const isReported = ({ event }: ReplayedEvent): boolean => reportedEvents.has(event);

/** @param events the missing events for which `isReported` holds */
export async function describeAccounts(
  transaction: Database,
  spending: readonly ReplayedSpending[],
  events: readonly ReplayedEvent[],
): Promise<readonly ReplayedAccount[]> {
  const sums = sumUp(spending);
  const changedSignIns = new Set(events.filter(isOfSignIn).map(({ account_id: id }) => id));
  const { rows } = await sql<{ id: string; email: string; endedGrants: number }>`
    select a.id, a.email, count(g.id) filter (where g.revoked_at = now())::integer as "endedGrants"
    from accounts a left join grants g on g.account_id = a.id group by a.id order by a.email`.execute(transaction);
  return rows
    .map(({ id, email, endedGrants }) => ({
      email,
      endedGrants,
      requests: sums.get(id)?.requests ?? 0,
      cost: sums.get(id)?.cost ?? 0n,
      hasOldSignIn: changedSignIns.has(id),
      endedApiKeys: listEndedApiKeys(events, id),
    }))
    .filter(
      ({ endedGrants, requests, cost, hasOldSignIn, endedApiKeys }) =>
        endedGrants + requests + endedApiKeys.length > 0 || cost !== 0n || hasOldSignIn,
    );
}

/** @param events the missing events for which `isReported` holds */
export async function listEndedSecrets(
  transaction: Database,
  events: readonly ReplayedEvent[],
): Promise<readonly string[]> {
  const ids = events.filter(({ event }) => secretEvents.includes(event)).map(({ client_id: id }) => id);
  const { rows } = await sql<{ id: string }>`
    select id from clients where id = any (${formatArray(ids)}::text[]) and secret_hash is not null
    order by id`.execute(transaction);
  return rows.map(({ id }) => id);
}

/** A used recovery code is ended by the replay if its event names it, so its owner has nothing to do. */
const isOfSignIn = ({ event, detail }: ReplayedEvent) =>
  signInEvents.some((kind) => kind === event) && !(event === 'recovery_code_used' && 'code' in detail);

function sumUp(spending: readonly ReplayedSpending[]) {
  const sums = new Map<string, { requests: number; cost: bigint }>();
  for (const { accountId, requests, cost } of spending) {
    const sum = sums.get(accountId) ?? { requests: 0, cost: 0n };
    sums.set(accountId, { requests: sum.requests + requests, cost: sum.cost + cost });
  }
  return sums;
}

function listEndedApiKeys(events: readonly ReplayedEvent[], accountId: string): readonly string[] {
  const ended = events.filter(({ event, account_id: id }) => id === accountId && apiKeyEvents.includes(event));
  return [...new Set(ended.map(({ detail }) => String(detail['upstream'])))].toSorted();
}
