import { sql } from 'kysely';
import type { Database } from './open-database.js';

/** A server that is connected to the database, and the role that it uses. */
export interface ServerRole {
  readonly server: string;
  readonly role: string;
  /** `owner`: the role, or a role that it belongs to, owns the tables and so may do anything with them. */
  readonly power: 'superuser' | 'owner' | 'none';
}

/**
 * Lists each role with which one of our servers is connected. Every role may see the roles of other sessions, but not
 * their statements.
 */
export async function listServerRoles(db: Database): Promise<readonly ServerRole[]> {
  const { rows } = await sql<ServerRole>`
    select distinct case when s.application_name like 'aipassport-auth%' then 'authorization server' else 'resource proxy' end as server,
      r.rolname as role,
      case when r.rolsuper then 'superuser' when pg_has_role(r.oid, t.relowner, 'member') then 'owner' else 'none' end as power
    from pg_stat_activity s join pg_roles r on r.oid = s.usesysid
    join pg_class t on t.oid = to_regclass('grants')
    where s.datname = current_database()
      and s.application_name ~ '^aipassport-(authorization-server|resource-proxy)'
    order by server, role`.execute(db);
  return rows;
}
