import { CompiledQuery } from 'kysely';
import { formatArray } from '../database/format-array.js';
import type { Database } from '../database/open-database.js';

/** How an admitted request ended. */
export interface Settlement {
  readonly requestId: string;
  readonly grantId: string;
  readonly accountId: string;
  /**
   * `reported`: by the upstream's own usage. `estimated`: that is missing or cannot be trusted. `unbilled`: it
   * answered with an error that it does not bill. `released`: it was never reached, and the request does not count.
   */
  readonly settlement: 'reported' | 'estimated' | 'unbilled' | 'released';
  /** In nano-US-dollars; undefined: as was set aside. */
  readonly cost: bigint | undefined;
  readonly inputTokens?: number | undefined;
  readonly cachedInputTokens?: number | undefined;
  readonly cacheWriteTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
  readonly toolCalls?: number | undefined;
  readonly status?: number | undefined;
  readonly durationMilliseconds?: number | undefined;
  readonly firstByteMilliseconds?: number | undefined;
}

const statement = 'select settle_requests($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) as settled';

/**
 * Ends admitted requests, each exactly once, in one statement: one row in the ledger each, and what was set aside
 * and not spent is free again. A request that is settled already changes nothing, so a batch whose answer was lost
 * is sent again.
 *
 * @returns how many were settled now
 */
export async function settleRequests(db: Database, settlements: readonly Settlement[]): Promise<number> {
  const distinct = (ids: readonly string[]) => [...new Set(ids)];
  const parameters = [
    distinct(settlements.map(({ accountId }) => accountId)),
    distinct(settlements.map(({ grantId }) => grantId)),
    settlements.map(({ requestId }) => requestId),
    settlements.map(({ settlement }) => settlement),
    settlements.map(({ settlement, cost }) => (isFree(settlement) ? 0n : cost)),
    settlements.map(({ inputTokens }) => inputTokens),
    settlements.map(({ cachedInputTokens }) => cachedInputTokens),
    settlements.map(({ cacheWriteTokens }) => cacheWriteTokens),
    settlements.map(({ outputTokens }) => outputTokens),
    settlements.map(({ toolCalls }) => toolCalls),
    settlements.map(({ status }) => status),
    settlements.map(({ durationMilliseconds }) => durationMilliseconds),
    settlements.map(({ firstByteMilliseconds }) => firstByteMilliseconds),
  ].map(formatArray);
  const { rows } = await db.executeQuery<{ settled: number }>(CompiledQuery.raw(statement, parameters));
  return rows[0]?.settled ?? 0;
}

function isFree(settlement: Settlement['settlement']): boolean {
  return settlement === 'released' || settlement === 'unbilled';
}
