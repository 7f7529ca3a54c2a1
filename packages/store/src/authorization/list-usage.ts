import type { Upstream } from '@aipassport/policy';
import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/**
 * How the cost of a request was determined. `abandoned`: its replica was declared dead, and the whole reservation was
 * charged. `corrected`: the entry corrects an earlier charge. `withdrawn`: the entry takes an earlier charge back,
 * because the request was never sent. The others are as in `Settlement`.
 */
export type LedgerSettlement =
  | 'reported'
  | 'produced'
  | 'estimated'
  | 'doubted'
  | 'abandoned'
  | 'unbilled'
  | 'released'
  | 'corrected'
  | 'withdrawn';

/** One request that has ended, or the correction of one. Prompts and answers are not stored. */
export interface LedgerEntry {
  /** A correction has its own id. */
  readonly requestId: string;
  readonly admittedAt: Date;
  readonly upstream: Upstream;
  readonly model: string;
  readonly operation: string;
  readonly settlement: LedgerSettlement;
  /** Nano-US-dollars. For a correction: the difference to the charge, which may be negative. */
  readonly cost: bigint;
  /** Undefined when the upstream reported no count that can be trusted. */
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  /** The status of the upstream's answer; undefined when there was none. */
  readonly status: number | undefined;
}

interface LedgerQuery {
  readonly grantId: string;
  readonly limit: number;
}

/** Lists the ended requests of a grant, the latest first. */
export async function listUsage(db: Database, { grantId, limit }: LedgerQuery): Promise<readonly LedgerEntry[]> {
  const { rows } = await sql<LedgerRow>`
    select request_id, admitted_at, upstream, model, operation, settlement, cost, input_tokens, output_tokens, status
    from ledger where grant_id = ${grantId} order by admitted_at desc, settled_at desc limit ${limit}`.execute(db);
  return rows.map((row) => ({
    requestId: row.request_id,
    admittedAt: row.admitted_at,
    upstream: row.upstream,
    model: row.model,
    operation: row.operation,
    settlement: row.settlement,
    cost: row.cost,
    inputTokens: toNumber(row.input_tokens),
    outputTokens: toNumber(row.output_tokens),
    status: row.status ?? undefined,
  }));
}

interface LedgerRow {
  readonly request_id: string;
  readonly admitted_at: Date;
  readonly upstream: Upstream;
  readonly model: string;
  readonly operation: string;
  readonly settlement: LedgerSettlement;
  readonly cost: bigint;
  readonly input_tokens: bigint | null;
  readonly output_tokens: bigint | null;
  readonly status: number | null;
}

function toNumber(count: bigint | null): number | undefined {
  return count === null ? undefined : Number(count);
}
