import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/** The prefix of a table whose month is being dropped. The table is no longer a partition, but its rows still count. */
export const droppingPrefix = 'ledger_dropping_';

/**
 * The ledger's partitions that ended before an instant, the oldest first. The default partition has no end. A month
 * that ended in the last three days is left out, because the counters of the month and of its last day are still
 * compared with its rows.
 */
export async function listPartitionsBefore(db: Database, before: Date): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from ledger_partitions() where ends_at <= least(${before}::timestamptz, now() - interval '3 days') order by ends_at`.execute(
    db,
  );
  return rows.map(({ name }) => name);
}

/** The months that are being dropped at this moment, or whose drop was interrupted. */
export async function listDroppingTables(db: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    select relname::text as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' and starts_with(relname, ${droppingPrefix})
    order by name`.execute(db);
  return rows.map(({ name }) => name);
}

/** All tables with rows that count for the ledger. */
export async function listLedgerTables(db: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from ledger_partitions() order by begins_at nulls last`.execute(db);
  return [...(await listDroppingTables(db)), ...rows.map(({ name }) => name)];
}
