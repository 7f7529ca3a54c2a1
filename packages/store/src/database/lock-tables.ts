import { sql } from 'kysely';
import type { Database } from './open-database.js';

/**
 * The order in which requests lock tables. `admit_requests`, `settle_requests` and the changes by owners use this
 * order. Tables that are not named here come last.
 */
export const lockOrder: readonly string[] = [
  'accounts',
  'replicas',
  'used_proofs',
  'account_limits',
  'grants',
  'delegated_grants',
  'clients',
  'recent_requests',
  'provider_keys',
  'spare_provider_keys',
  'operator_spending',
  'background_responses',
  'abandoned_requests',
  'reservations',
  'ledger',
  'usage_recent',
  'usage_start',
  'usage_months',
  'usage_days',
  'audit_events',
];

/**
 * Locks tables before their definitions are changed. Without this call, a migration locks the tables in the order of
 * its statements. A request that locks the same tables in another order then waits for the migration, which waits for
 * the request. Under load that happens at every attempt, so the migration is never applied.
 *
 * @param names tables that do not exist are left out
 */
export async function lockTables(transaction: Database, names: readonly string[]): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
      and relname = any (${names})`.execute(transaction);
  if (rows.length === 0) return;
  const tables = rows.map(({ name }) => name).toSorted(compare);
  const list = sql.join(tables.map((name) => sql.table(name)));
  // PostgreSQL locks the tables one after the other, in this order, and each table's partitions with it.
  await sql`lock table ${list} in access exclusive mode`.execute(transaction);
}

function compare(one: string, other: string): number {
  const rank = (name: string) => (lockOrder.includes(name) ? lockOrder.indexOf(name) : lockOrder.length);
  return rank(one) - rank(other) || (one < other ? -1 : 1);
}

/** Statements that lock a table against writers. `validate constraint` does not. */
const locking = [
  /\balter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?(\w+)(?!\w|\s+validate\b)/gi,
  /\b(?:drop|truncate)\s+table\s+(?:if\s+exists\s+)?(\w+)/gi,
  /\breferences\s+(\w+)/gi,
  /\bcreate\s+(?:or\s+replace\s+)?trigger\s[^;]*?\bon\s+(\w+)/gi,
  /\bdrop\s+trigger\s[^;]*?\bon\s+(\w+)/gi,
  /\bcreate\s+(?:unique\s+)?index\s+(?!concurrently\b)(?:\w+\s+)?on\s+(?:only\s+)?(\w+)/gi,
];

/** The tables that a migration locks against writers: tables that exist, and tables that the migration makes. */
export function listLockedTables(text: string): readonly string[] {
  const statements = text.replaceAll(/--.*/g, '').replaceAll(/\$(\w*)\$.*?\$\1\$/gs, '');
  const names = locking.flatMap((pattern) => [...statements.matchAll(pattern)].map(([, name = '']) => name));
  return [...new Set(names)];
}
