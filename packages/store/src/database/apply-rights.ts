import { readFile } from 'node:fs/promises';
import { sql } from 'kysely';
import type { Database } from './open-database.js';
import { roles } from './roles.js';

const file = new URL('../../../rights.sql', import.meta.url);

/**
 * Lets the rest of a transaction run as the owner, in a database that has one: whoever migrates, what is made belongs to
 * the owner.
 *
 * @returns whether it has one, and with it the other roles
 */
export async function becomeOwner(transaction: Database): Promise<boolean> {
  const { rows } = await sql<{ has_owner: boolean }>`
    select pg_get_userbyid(datdba) = ${roles.owner} as has_owner from pg_database
    where datname = current_database()`.execute(transaction);
  if (rows[0]?.has_owner !== true) return false;
  await sql`set local role ${sql.id(roles.owner)}`.execute(transaction);
  return true;
}

/** Gives both servers' roles what rights.sql says, and nothing else. As the owner, in the transaction that migrates. */
export async function applyRights(transaction: Database): Promise<void> {
  await sql.raw(await readFile(file, 'utf8')).execute(transaction);
}
