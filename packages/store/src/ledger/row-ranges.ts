import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/** The progress of a command that reads the ledger. */
export interface LedgerProgress {
  /** The partition that the command reads. */
  readonly name: string;
  /** How much of this partition has been read. */
  readonly percent: number;
}

/** Some pages of a table. One statement reads one range. */
export interface RowRange {
  /** The beginning of the range, as a PostgreSQL tuple id. */
  readonly from: string;
  /** The end of the range: all rows of the range have smaller tuple ids. */
  readonly to: string;
  /** The percentage of the table that has been read after this range. */
  readonly percent: number;
}

/** 128 MB: hundreds of thousands of rows, which take about a second. */
const pagesPerRange = 16_384;

/** Divides the present pages of a table into ranges. */
export async function listRowRanges(db: Database, table: string): Promise<readonly RowRange[]> {
  const { rows } = await sql<{ pages: number }>`
    select ceil(pg_relation_size(quote_ident(${table})::regclass) / current_setting('block_size')::float8)::integer as pages`.execute(
    db,
  );
  const pages = rows[0]?.pages ?? 0;
  const ranges: RowRange[] = [];
  for (let page = 0; page < pages; page += pagesPerRange) {
    const end = Math.min(page + pagesPerRange, pages);
    ranges.push({ from: `(${page},0)`, to: `(${end},0)`, percent: Math.round((end / pages) * 100) });
  }
  return ranges;
}
