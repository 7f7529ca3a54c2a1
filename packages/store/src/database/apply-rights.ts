import { readFile } from 'node:fs/promises';
import { sql } from 'kysely';
import type { Database } from './open-database.js';
import { roles } from './roles.js';

const file = new URL('../../../rights.sql', import.meta.url);

/**
 * Runs the rest of a transaction as the role `aipassport_owner`, if the database belongs to that role. The role then
 * owns everything that a migration creates.
 *
 * @returns whether the database belongs to that role
 */
export async function becomeOwner(transaction: Database): Promise<boolean> {
  const { rows } = await sql<{ has_owner: boolean }>`
    select pg_get_userbyid(datdba) = ${roles.owner} as has_owner from pg_database
    where datname = current_database()`.execute(transaction);
  if (rows[0]?.has_owner !== true) return false;
  await sql`set local role ${sql.id(roles.owner)}`.execute(transaction);
  return true;
}

/**
 * Gives both servers' roles exactly the rights in rights.sql. Does nothing if the database does not belong to the role
 * `aipassport_owner`. If the rights are already correct, all changes are rolled back, so that the servers keep their
 * prepared plans.
 */
export async function applyRights(transaction: Database): Promise<void> {
  if (!(await becomeOwner(transaction))) return;
  const before = await readRights(transaction);
  await sql`savepoint rights`.execute(transaction);
  await sql.raw(await readFile(file, 'utf8')).execute(transaction);
  const isSame = (await readRights(transaction)) === before;
  await sql.raw(isSame ? 'rollback to savepoint rights' : 'release savepoint rights').execute(transaction);
}

/** Reads everything that rights.sql can change, and returns a hash of it. */
async function readRights(transaction: Database): Promise<string | undefined> {
  const { rows } = await sql<{ rights: string }>`
    select md5(string_agg(which || coalesce(rights, '-'), ',' order by which)) as rights from (
      select 'table ' || oid as which, relacl::text as rights from pg_class where relnamespace = 'public'::regnamespace
      union all select 'column ' || attrelid || '.' || attnum, attacl::text from pg_attribute
        join pg_class c on c.oid = attrelid where c.relnamespace = 'public'::regnamespace and attacl is not null
      union all select 'function ' || oid, concat_ws(' ', proacl::text, prosecdef, proconfig::text) from pg_proc
        where pronamespace = 'public'::regnamespace
      union all select 'schema', nspacl::text from pg_namespace where nspname = 'public'
      union all select 'database', datacl::text from pg_database where datname = current_database()
      union all select 'default ' || oid, defaclacl::text from pg_default_acl
    ) r`.execute(transaction);
  return rows[0]?.rights;
}
