import { buildLimits, type LimitKind, type Limits, limitKinds, limitTable } from '@aipassport/policy';
import type { Selectable } from 'kysely';
import type { Schema } from './schema.js';

type GrantRow = Selectable<Schema['grants']>;
type LimitColumn = (typeof limitTable)[LimitKind]['column'];

export const limitColumns: readonly LimitColumn[] = limitKinds.map((kind) => limitTable[kind].column);

/** The columns are named, because a prepared statement with `*` fails after a migration adds a column. */
export const grantColumns = [
  'grants.id',
  'grants.account_id',
  'grants.client_id',
  'grants.scope',
  'grants.reason',
  'grants.status',
  'grants.created_at',
  'grants.expires_at',
  ...limitColumns.map((column) => `grants.${column}` as const),
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

/** The usage of a grant. Money is in nano-US-dollars. */
export interface GrantUsage {
  readonly requests: number;
  /** The cost of settled requests. */
  readonly spent: bigint;
  /** The reservations of requests in progress. */
  readonly reserved: bigint;
  /** The settled and reserved cost of the day and of the month in which the last request was admitted. */
  readonly day: { readonly date: Date | undefined; readonly cost: bigint };
  readonly month: { readonly date: Date | undefined; readonly cost: bigint };
  readonly openStreams: number;
}

export function toGrantUsage(row: GrantRow): GrantUsage {
  return {
    requests: Number(row.used_requests),
    spent: row.spent,
    reserved: row.held,
    day: { date: row.day ?? undefined, cost: row.day_cost },
    month: { date: row.month ?? undefined, cost: row.month_cost },
    openStreams: row.open_streams,
  };
}

export function toLimits(row: GrantRow): Limits {
  return buildLimits({
    count: (kind) => row[limitTable[kind].column] ?? undefined,
    usd: (kind) => row[limitTable[kind].column] ?? undefined,
  });
}

/** One limit as its column stores it. `null`: no limit. */
export interface LimitColumnValue {
  readonly column: LimitColumn;
  readonly value: number | bigint | null;
}

export function listLimitColumns(limits: Limits): readonly LimitColumnValue[] {
  return limitKinds.map((kind) => ({ column: limitTable[kind].column, value: limits[kind] ?? null }));
}

/** Formats limits for an audit row. Bigints become text, because JSON has no bigints. */
export function formatAuditedLimits(limits: Limits): string {
  return JSON.stringify(listAuditedLimits(limits));
}

/** Formats the terms of a grant before a change, for the audit row of the change. */
export function formatTermsBefore({ storedScope, limits, expiresAt }: AuditedTerms): string {
  const before = { scope: storedScope, expires_at: expiresAt, ...listAuditedLimits(limits) };
  return JSON.stringify(Object.fromEntries(Object.entries(before).map(([name, value]) => [`${name}_before`, value])));
}

interface AuditedTerms {
  readonly storedScope: string;
  readonly limits: Limits;
  readonly expiresAt: Date;
}

function listAuditedLimits(limits: Limits): Readonly<Record<string, string | number | null>> {
  const format = (value: number | bigint | null) => (typeof value === 'bigint' ? value.toString() : value);
  return Object.fromEntries(listLimitColumns(limits).map(({ column, value }) => [column, format(value)]));
}
