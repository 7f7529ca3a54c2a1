import { type Kysely, sql } from 'kysely';
import type { Schema } from '../schema.js';

/** The server's settings that decide whether an acknowledged row survives a crash. */
export interface Durability {
  readonly version: string;
  readonly fsync: boolean;
  readonly fullPageWrites: boolean;
  /** `on`, `remote_apply` or another value of PostgreSQL. With `off`, a crash can lose the last revocations. */
  readonly synchronousCommit: string;
}

export async function readDurability(db: Kysely<Schema>): Promise<Durability> {
  const { rows } = await sql<Record<'version' | 'fsync' | 'full_page_writes' | 'synchronous_commit', string>>`
    select current_setting('server_version') as version,
           current_setting('fsync') as fsync,
           current_setting('full_page_writes') as full_page_writes,
           current_setting('synchronous_commit') as synchronous_commit`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('the database did not report its settings');
  return {
    version: row.version,
    fsync: row.fsync === 'on',
    fullPageWrites: row.full_page_writes === 'on',
    synchronousCommit: row.synchronous_commit,
  };
}
