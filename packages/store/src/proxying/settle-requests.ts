import { CompiledQuery } from 'kysely';
import { formatArray } from '../database/format-array.js';
import type { Database } from '../database/open-database.js';
import { isLockNotAvailable } from '../database/sql-state.js';
import type { CutOff } from '../ledger/cut-off.js';

/** How an admitted request ended. */
export interface Settlement {
  readonly requestId: string;
  readonly grantId: string;
  readonly accountId: string;
  /**
   * `reported`: charged by the usage that the upstream reported. `produced`: charged by the part of the answer that was
   * seen. `estimated`: the whole reservation is charged, because nothing is known. `doubted`: the whole reservation is
   * charged, because the reported usage is impossible. `unbilled`: the upstream answered with an error that it does not
   * bill. `released`: the request never reached the upstream, and does not count.
   */
  readonly settlement: 'reported' | 'produced' | 'estimated' | 'doubted' | 'unbilled' | 'released';
  /** In nano-US-dollars; undefined: the whole reservation. Ignored for `unbilled` and `released`: they cost nothing. */
  readonly cost: bigint | undefined;
  readonly inputTokens?: number | undefined;
  readonly cachedInputTokens?: number | undefined;
  readonly cacheWriteTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
  readonly toolCalls?: number | undefined;
  readonly status?: number | undefined;
  readonly durationMilliseconds?: number | undefined;
  readonly firstByteMilliseconds?: number | undefined;
  /** Undefined: the answer was not cut off. */
  readonly cutOff?: CutOff | undefined;
}

export interface SettledRequests {
  /** How many requests this call settled or corrected. */
  readonly settled: number;
  /** How many of them had been charged already, because their replica was declared dead. */
  readonly corrected: number;
}

// The call is in the `from` clause, so that the setting is read after it. The function of the previous release does not
// set it.
const statement = `
  select settled, coalesce(nullif(current_setting('aipassport.corrected', true), ''), '0')::integer as corrected
  from settle_requests($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) as settled`;

/**
 * Ends admitted requests, each exactly once, in one statement. Each request gets one row in the ledger, and the unspent
 * part of its reservation is released. Settling a settled request again changes nothing, so a batch whose answer was
 * lost is sent again. If a request was charged because its replica was declared dead, the charge is corrected, once.
 */
export async function settleRequests(db: Database, settlements: readonly Settlement[]): Promise<SettledRequests> {
  const distinct = (ids: readonly string[]) => [...new Set(ids)];
  const parameters = [
    distinct(settlements.map(({ accountId }) => accountId)),
    distinct(settlements.map(({ grantId }) => grantId)),
    settlements.map(({ requestId }) => requestId),
    settlements.map(({ settlement }) => settlement),
    settlements.map(({ settlement, cost }) => (isFree(settlement) ? 0n : cost)),
    settlements.map(({ inputTokens }) => toColumn(inputTokens)),
    settlements.map(({ cachedInputTokens }) => toColumn(cachedInputTokens)),
    settlements.map(({ cacheWriteTokens }) => toColumn(cacheWriteTokens)),
    settlements.map(({ outputTokens }) => toColumn(outputTokens)),
    settlements.map(({ toolCalls }) => toColumn(toolCalls, maxInteger)),
    settlements.map(({ status }) => toColumn(status, maxInteger)),
    settlements.map(({ durationMilliseconds }) => toColumn(durationMilliseconds, maxInteger)),
    settlements.map(({ firstByteMilliseconds }) => toColumn(firstByteMilliseconds, maxInteger)),
    settlements.map(({ cutOff }) => cutOff),
  ].map(formatArray);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { rows } = await db.executeQuery<SettledRequests>(CompiledQuery.raw(statement, parameters));
      return rows[0] ?? { settled: 0, corrected: 0 };
    } catch (error) {
      if (attempt === maxAttempts || !isLockNotAvailable(error)) throw error;
    }
  }
}

/** The lock of a session that sets an account's limit is free within milliseconds, so few attempts are enough. */
const maxAttempts = 3;

/** The largest value of PostgreSQL's type `integer`. */
const maxInteger = 2_147_483_647;

/** Limits a count to the range of its column. Counts are only informative, so they must not make a charge fail. */
function toColumn(count: number | undefined, max = Number.MAX_SAFE_INTEGER): number | undefined {
  if (count === undefined || Number.isNaN(count)) return undefined;
  return Math.trunc(Math.min(Math.max(count, 0), max));
}

function isFree(settlement: Settlement['settlement']): boolean {
  return settlement === 'released' || settlement === 'unbilled';
}
