import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/** The state of a database's maintenance. */
export interface Upkeep {
  /** The number of rows in the ledger's default partition, counted up to a hundred thousand. */
  readonly misplacedRows: number;
  /** The months without a partition, such as `2026-11`, among this month and the next two. */
  readonly missingMonths: readonly string[];
  /** The tables with expired rows, and for how many hours the oldest such row of each table is overdue. */
  readonly overdue: readonly { readonly table: string; readonly hours: number }[];
  /** For each table, the hours since its last complete cleaning. */
  readonly cleaned: readonly { readonly table: string; readonly hours: number }[];
  /** The largest tables first. Partitions are counted as parts of their table. */
  readonly tables: readonly TableSize[];
}

export interface TableSize {
  readonly name: string;
  readonly bytes: number;
  /** PostgreSQL's estimate of the number of rows. */
  readonly rows: number;
  /** Dead row versions that have not been vacuumed. */
  readonly deadRows: number;
}

export async function readUpkeep(db: Database): Promise<Upkeep> {
  const { rows } = await sql<{ upkeep: Upkeep }>`select read_upkeep() as upkeep`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('the database returned no row about its upkeep');
  return row.upkeep;
}
