import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/** What time and size do to a database, and whether the servers keep up with it. */
export interface Upkeep {
  /** In the default partition of the ledger, up to a hundred thousand. */
  readonly misplacedRows: number;
  /** Of this month and the next two, those without a partition of the ledger, as `2026-11`. */
  readonly missingMonths: readonly string[];
  /** The tables with something whose time is over, and since when the oldest of it is overdue, in hours. */
  readonly overdue: readonly { readonly table: string; readonly hours: number }[];
  /** When each table was last cleaned to its end, in hours before now. */
  readonly cleaned: readonly { readonly table: string; readonly hours: number }[];
  /** Partitions count for their table; the largest first. */
  readonly tables: readonly TableSize[];
}

export interface TableSize {
  readonly name: string;
  readonly bytes: number;
  /** As the server estimates it. */
  readonly rows: number;
  /** Versions of rows that nobody sees any more, and that have not been vacuumed. */
  readonly deadRows: number;
}

export async function readUpkeep(db: Database): Promise<Upkeep> {
  const { rows } = await sql<{ upkeep: Upkeep }>`select read_upkeep() as upkeep`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('the database said nothing of its upkeep');
  return row.upkeep;
}
