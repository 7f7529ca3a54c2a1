import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/** For how many days rows are kept; undefined: for ever. */
export interface Retention {
  /** The audit log. */
  readonly auditEvents: number | undefined;
  /** After a grant has expired or was revoked. */
  readonly endedGrants: number | undefined;
  /** After the last use of a client that registered itself and has no grant. */
  readonly unusedClients: number | undefined;
}

/**
 * Stores the retention settings. A change is an event of the audit log, which names the settings that changed. Only the
 * owner of the tables may do so; the servers may not.
 */
export async function setRetention(db: Database, retention: Retention): Promise<void> {
  const days = Object.entries({
    audit_events: retention.auditEvents,
    ended_grants: retention.endedGrants,
    unused_clients: retention.unusedClients,
  });
  const names = days.map(([name]) => name);
  await sql`
    with given (name, keep_days) as (select * from unnest(${names}::text[], ${days.map(([, count]) => count ?? null)}::integer[])),
    forever as (delete from retention r using given g where r.name = g.name and g.keep_days is null),
    stored as (
      insert into retention (name, keep_days) select name, keep_days from given where keep_days is not null
      on conflict (name) do update set keep_days = excluded.keep_days
    )
    insert into audit_events (event, detail)
    select 'retention_changed', jsonb_object_agg(name, g.keep_days) || jsonb_build_object('by', 'command')
    from given g left join retention r using (name)
    where g.keep_days is distinct from r.keep_days having count(*) > 0`.execute(db);
}
