import type { Limits } from '@aipassport/policy';
import type { Selectable } from 'kysely';
import type { Schema } from './schema.js';

type GrantRow = Selectable<Schema['grants']>;

/** Columns are named: a prepared statement with `*` fails after a migration adds a column. */
export const grantColumns = [
  'grants.id',
  'grants.account_id',
  'grants.client_id',
  'grants.scope',
  'grants.reason',
  'grants.status',
  'grants.created_at',
  'grants.expires_at',
  'grants.max_requests',
  'grants.max_requests_per_minute',
  'grants.max_tokens_per_minute',
  'grants.max_streams',
  'grants.max_cost',
  'grants.max_cost_per_day',
  'grants.max_cost_per_month',
  'grants.time_zone',
  'grants.used_requests',
  'grants.spent',
  'grants.held',
  'grants.day',
  'grants.day_cost',
  'grants.month',
  'grants.month_cost',
  'grants.open_streams',
  'grants.bucket_full_at',
  'grants.tokens_full_at',
  'grants.last_used_at',
  'grants.revoked_at',
  'grants.revoked_reason',
] as const;

/** What is used of a grant's limits. Money in nano-US-dollars. */
export interface GrantUsage {
  readonly requests: number;
  /** Settled. */
  readonly spent: bigint;
  /** Set aside for requests under way. */
  readonly held: bigint;
  /** Settled and set aside, of the requests of the day and of the month that had the last one. */
  readonly day: { readonly date: Date | undefined; readonly cost: bigint };
  readonly month: { readonly date: Date | undefined; readonly cost: bigint };
  readonly openStreams: number;
}

export function toGrantUsage(row: GrantRow): GrantUsage {
  return {
    requests: Number(row.used_requests),
    spent: row.spent,
    held: row.held,
    day: { date: row.day ?? undefined, cost: row.day_cost },
    month: { date: row.month ?? undefined, cost: row.month_cost },
    openStreams: row.open_streams,
  };
}

export function toLimits(row: GrantRow): Limits {
  return {
    maxRequests: row.max_requests ?? undefined,
    maxRequestsPerMinute: row.max_requests_per_minute ?? undefined,
    maxTokensPerMinute: row.max_tokens_per_minute ?? undefined,
    maxStreams: row.max_streams ?? undefined,
    maxCost: row.max_cost ?? undefined,
    maxCostPerDay: row.max_cost_per_day ?? undefined,
    maxCostPerMonth: row.max_cost_per_month ?? undefined,
  };
}

/** Column values, also for audit rows: bigints as text, which JSON can hold. */
export function formatLimits(limits: Limits): Record<string, number | string | null> {
  return {
    max_requests: limits.maxRequests ?? null,
    max_requests_per_minute: limits.maxRequestsPerMinute ?? null,
    max_tokens_per_minute: limits.maxTokensPerMinute ?? null,
    max_streams: limits.maxStreams ?? null,
    max_cost: limits.maxCost?.toString() ?? null,
    max_cost_per_day: limits.maxCostPerDay?.toString() ?? null,
    max_cost_per_month: limits.maxCostPerMonth?.toString() ?? null,
  };
}
