import type { Query } from './laboratory.js';
import { SmallDisk } from './small-disk.js';

/**
 * Runs an action while the tables that requests write to are on a separate disk with little free space. Moves the
 * tables back afterwards, even if the action fails. Needs root and Linux.
 */
export async function withTablesOnSmallDisk(query: Query, act: (disk: SmallDisk) => Promise<unknown>): Promise<void> {
  const rows = await query<{ name: string }>(
    `select relname as name from pg_class
     where relkind = 'r' and (relname in ('reservations', 'grants') or relname ~ '^ledger_[0-9]')`,
  );
  const tables = rows.map(({ name }) => name);
  // Otherwise PostgreSQL would write to the space of deleted rows first, and would not notice that the disk is full.
  for (const name of tables) await query(`vacuum full ${name}`);
  const disk = SmallDisk.mount({ megabytes: 8 + (await measureMegabytes(query, tables)) });
  const move = async (tablespace: string) => {
    for (const name of tables) await query(`alter table ${name} set tablespace ${tablespace}`);
  };
  try {
    await query(`create tablespace small location '${disk.directory}'`);
    await move('small');
    await act(disk);
  } finally {
    disk.empty();
    try {
      await move('pg_default');
      await query('drop tablespace if exists small');
    } finally {
      disk.unmount();
    }
  }
}

async function measureMegabytes(query: Query, tables: readonly string[]): Promise<number> {
  const [row] = await query<{ megabytes: number }>(
    'select ceil(sum(pg_table_size(name::regclass)) / 1048576)::integer as megabytes from unnest($1::text[]) as name',
    [tables],
  );
  return row?.megabytes ?? 0;
}
