import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { lockTables } from './lock-tables.js';
import type { Database } from './open-database.js';
import { isDeadlock, isLockNotAvailable, readSqlState } from './sql-state.js';

/** The three roles of a database: see rights.sql. */
export const roles = {
  owner: 'aipassport_owner',
  authorization: 'aipassport_authorization',
  proxy: 'aipassport_proxy',
} as const;

export type Role = keyof typeof roles;
/** The password verifier of each role. SECRET: as the database stores it. */
export type RoleVerifiers = Readonly<Record<Role, string>>;

export const roleKinds = Object.keys(roles) as readonly Role[]; // the type of Object.keys is string[]

/** A role has more rights than it should. The operator has to revoke them. */
class RoleError extends Error {
  override readonly name = 'RoleError';
}

/** An arbitrary constant. The lock lets one preparation run at a time. */
const lockKey = 7_205_759_441;
/**
 * All statements on a table queue behind a statement that waits for the table's lock. The preparation therefore stops
 * waiting long before a statement of a server times out.
 */
const maxLockWaitMilliseconds = 500;
const firstPauseMilliseconds = 500;
const maxPauseMilliseconds = 15_000;

/**
 * Makes missing roles, sets the passwords, and makes `aipassport_owner` the owner of the database and of everything in
 * it. This also converts a database that has one role for everything. No stored data changes. Running servers wait for
 * milliseconds and keep their present role. While a backup or another session has a lock on a table, the preparation is
 * retried.
 *
 * @param db as a superuser, or as the database's owner with CREATEROLE and CREATEDB
 * @param report called with messages about the waiting
 * @throws RoleError when one of the roles has more rights than rights.sql says
 */
export async function prepareRoles(
  db: Database,
  verifiers: RoleVerifiers,
  report: (line: string) => void = () => undefined,
): Promise<void> {
  for (let pause = firstPauseMilliseconds; ; pause = Math.min(2 * pause, maxPauseMilliseconds)) {
    try {
      return await prepareOnce(db, verifiers);
    } catch (error) {
      if (!isBlockedByOthers(error)) throw error;
      report(
        `Something holds what is to be changed, such as a backup. Nothing was changed; it is tried again in ${pause / 1_000} s.`,
      );
    }
    await sleep(pause);
  }
}

/** Whether the error says that another session holds a lock on a table, or is changing the same role. */
function isBlockedByOthers(error: unknown): boolean {
  if (isLockNotAvailable(error) || isDeadlock(error)) return true;
  return readSqlState(error) === 'XX000' && String((error as Error).message).includes('concurrently updated');
}

async function prepareOnce(db: Database, verifiers: RoleVerifiers): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await sql`set local statement_timeout = 0`.execute(transaction);
    await sql.raw(`set local lock_timeout = ${maxLockWaitMilliseconds}`).execute(transaction);
    await sql`select pg_advisory_xact_lock(${lockKey})`.execute(transaction);
    for (const kind of roleKinds) await prepareRole(transaction, roles[kind], verifiers[kind]);
    const { rows } = await sql<{ is_superuser: boolean }>`
      select rolsuper as is_superuser from pg_roles where rolname = current_user`.execute(transaction);
    // only a superuser, or a member of a role, can transfer ownership to that role
    if (rows[0]?.is_superuser !== true) await sql`grant aipassport_owner to current_user`.execute(transaction);
    await lockTables(transaction, await listTablesOfOthers(transaction));
    await sql.raw(takeOver).execute(transaction);
  });
}

async function listTablesOfOthers(transaction: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and pg_get_userbyid(relowner) <> ${roles.owner}`.execute(transaction);
  return rows.map(({ name }) => name);
}

async function prepareRole(transaction: Database, name: string, verifier: string): Promise<void> {
  const { rows } = await sql<{ is_powerful: boolean; is_member: boolean }>`
    select rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls as is_powerful,
      exists (select from pg_auth_members where member = pg_roles.oid) as is_member
    from pg_roles where rolname = ${name}`.execute(transaction);
  const [role] = rows;
  if (role?.is_powerful === true)
    throw new RoleError(
      `The role ${name} has more rights than it needs. Run: alter role ${name} nosuperuser nocreaterole nocreatedb noreplication nobypassrls`,
    );
  if (role?.is_member === true)
    throw new RoleError(`The role ${name} is a member of another role, whose rights it has too. Revoke that first.`);
  if (role === undefined) await sql`create role ${sql.id(name)}`.execute(transaction);
  await sql`alter role ${sql.id(name)} login password ${sql.lit(verifier)}`.execute(transaction);
}

/** Changes only the owner of existing objects. Sequences of identity columns follow their tables. */
const takeOver = `
do $$
declare
  statement text;
begin
  if (select pg_get_userbyid(datdba) from pg_database where datname = current_database()) <> 'aipassport_owner' then
    execute format('alter database %I owner to aipassport_owner', current_database());
  end if;
  -- since PostgreSQL 15 the schema belongs to the owner of the database by default
  if (select pg_get_userbyid(nspowner) from pg_namespace where nspname = 'public')
    not in ('aipassport_owner', 'pg_database_owner') then
    alter schema public owner to aipassport_owner;
  end if;
  for statement in
    select format('alter table %s owner to aipassport_owner', c.oid::regclass)
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S')
      and pg_get_userbyid(c.relowner) <> 'aipassport_owner'
      and not exists (select from pg_depend d
        where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype in ('a', 'e', 'i') and c.relkind = 'S')
      and not exists (select from pg_depend d
        where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
    union all
    select format('alter routine %s owner to aipassport_owner', p.oid::regprocedure)
    from pg_proc p
    where p.pronamespace = 'public'::regnamespace and pg_get_userbyid(p.proowner) <> 'aipassport_owner'
      and not exists (select from pg_depend d
        where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
  loop
    execute statement;
  end loop;
end
$$`;
