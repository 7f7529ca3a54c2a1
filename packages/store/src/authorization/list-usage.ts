import type { Upstream } from '@aipassport/policy';
import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { isMadeByOwner } from '../live-grants.js';
import { simulatedUsage } from './simulated-usage.js';
import { boundedSum, type UsageSum } from './summarize-usage.js';

/**
 * How the cost of a request was determined. `abandoned`: its replica was declared dead, and the whole reservation was
 * charged. `corrected`: the entry corrects an earlier charge. `withdrawn`: the entry takes an earlier charge back,
 * because the request was never sent. The other values are those of `Settlement`.
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
  /** Nano-US-dollars. For a correction: the difference from the earlier charge, which may be negative. */
  readonly cost: bigint;
  /** Undefined when the upstream reported no count that can be trusted. */
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  /** The status of the upstream's answer; undefined when there was none. */
  readonly status: number | undefined;
  /**
   * Why the answer was cut off: one of `CutOff`, or a word of a newer release. Undefined: it was not cut off, or the
   * request is one of an earlier release.
   */
  readonly cutOff: string | undefined;
  /** Whether the upstream was simulated. If so, the cost was not paid. False for requests of earlier releases. */
  readonly isSimulated: boolean;
}

/** The place of an entry in the list. A `Date` has only milliseconds, so the times are microseconds as texts. */
interface UsagePosition {
  readonly admitted: string;
  readonly settled: string;
  readonly requestId: string;
}

/** Reads the `next` of a page; undefined for a text that is not a position. */
export function parseUsagePosition(text: string): UsagePosition | undefined {
  const [, admitted = '', settled = '', requestId] =
    /^(\d{1,16})\.(\d{1,16})\.([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/.exec(text) ?? [];
  return requestId === undefined ? undefined : { admitted, settled, requestId };
}

/** Which entries to list: those of one grant, or those of all grants of a client. */
export interface LedgerQuery {
  readonly accountId: string;
  readonly of: { readonly grantId: string } | { readonly clientId: string };
  readonly limit: number;
  /** Only entries after this position; undefined: from the beginning. */
  readonly after?: UsagePosition | undefined;
}

export interface LedgerPage {
  readonly entries: readonly LedgerEntry[];
  /** The position from which to continue; undefined when there are no more entries. */
  readonly next: string | undefined;
}

/**
 * Lists ended requests, the latest first. The lateral join reads at most one page of each grant from the index
 * `ledger_grant`, even if the grants have millions of requests.
 */
export async function listUsage(db: Database, query: LedgerQuery): Promise<LedgerPage> {
  const { accountId, of, limit, after } = query;
  const which = 'grantId' in of ? sql`id = ${of.grantId}` : sql`client_id = ${of.clientId}`;
  const later =
    after === undefined
      ? sql`true`
      : sql`admitted_at <= ${fromMicroseconds(after.admitted)} and (admitted_at, settled_at, request_id)
          < (${fromMicroseconds(after.admitted)}, ${fromMicroseconds(after.settled)}, ${after.requestId}::uuid)`;
  const { rows } = await sql<LedgerRow>`
    select e.request_id, e.admitted_at, e.upstream, e.model, e.operation, e.settlement, e.cost, e.input_tokens,
      e.output_tokens, e.status, e.cut_off, e.is_simulated, ${toMicroseconds('admitted_at')} || '.' || ${toMicroseconds('settled_at')} || '.' || e.request_id as position
    from grants cross join lateral (
      select * from (
        select request_id, admitted_at, settled_at, upstream, model, operation, settlement, cost, input_tokens, output_tokens, status,
          cut_off, is_simulated
        from ledger where grant_id = grants.id and ${later}
      ) entries order by admitted_at desc, settled_at desc, request_id desc limit ${limit + 1}
    ) e where account_id = ${accountId} and ${which}
    order by e.admitted_at desc, e.settled_at desc, e.request_id desc limit ${limit + 1}`.execute(db);
  const shown = rows.slice(0, limit);
  return { entries: shown.map(toEntry), next: rows.length > limit ? shown.at(-1)?.position : undefined };
}

function toMicroseconds(column: 'admitted_at' | 'settled_at') {
  return sql`(extract(epoch from e.${sql.ref(column)}) * 1000000)::bigint::text`;
}

function fromMicroseconds(text: string) {
  return sql`(timestamptz 'epoch' + ${text}::bigint * interval '1 microsecond')`;
}

function toEntry(row: LedgerRow): LedgerEntry {
  return {
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
    cutOff: row.cut_off ?? undefined,
    isSimulated: row.is_simulated,
  };
}

/** What a client has used under all stored grants that an owner made for it, including ended grants. */
export interface AppUsage {
  /** Nano-US-dollars. */
  readonly spent: bigint;
  readonly requests: number;
  /** The simulated part, which cost no real money. */
  readonly simulated: UsageSum;
  readonly connectedAt: Date;
  readonly lastUsedAt: Date | undefined;
}

/** @returns undefined when no grant that the owner made for this client is stored */
export async function findAppUsage(
  db: Database,
  { accountId, clientId }: { readonly accountId: string; readonly clientId: string },
): Promise<AppUsage | undefined> {
  const { rows } = await sql<AppUsageRow>`
    select sum(g.spent)::bigint as spent, sum(g.used_requests)::bigint as requests, min(g.created_at) as connected_at,
      max(g.last_used_at) as last_used_at, min(s.cost) as simulated_cost, min(s.requests) as simulated_requests
    from grants g cross join (
      select ${boundedSum} as cost, coalesce(sum(requests), 0)::bigint as requests
      from ${simulatedUsage(sql`account_id = ${accountId} and client_id = ${clientId}`)} u
      -- the grants below an ended one may be removed earlier
      where split_part(u.grant_id, '.', 1) in (select id from grants where account_id = ${accountId})
    ) s
    -- the counter of a grant includes the grants below it
    where g.account_id = ${accountId} and g.client_id = ${clientId} and ${isMadeByOwner('g')}`.execute(db);
  const [row] = rows;
  if (row === undefined || row.connected_at === null) return undefined;
  const { spent, requests, connected_at: connectedAt, last_used_at: lastUsedAt } = row;
  return {
    spent,
    requests: Number(requests),
    simulated: { cost: row.simulated_cost, requests: Number(row.simulated_requests) },
    connectedAt,
    lastUsedAt: lastUsedAt ?? undefined,
  };
}

interface AppUsageRow {
  readonly spent: bigint;
  readonly requests: bigint;
  readonly connected_at: Date | null;
  readonly last_used_at: Date | null;
  readonly simulated_cost: bigint;
  readonly simulated_requests: bigint;
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
  readonly cut_off: string | null;
  readonly is_simulated: boolean;
  readonly position: string;
}

function toNumber(count: bigint | null): number | undefined {
  return count === null ? undefined : Number(count);
}
