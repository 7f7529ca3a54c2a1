import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/** How far the audit log says that it is sealed. Only a verification shows whether that is true. */
export interface SealingReport {
  /** The time of the last event that has a seal; undefined when nothing is sealed. */
  readonly sealedUntil: Date | undefined;
  /** The age of the first event after it that has no seal; 0 when there is none. */
  readonly unsealedMinutes: number;
}

/** Reads few rows. */
export async function readSealing(db: Database): Promise<SealingReport> {
  const { rows } = await sql<{ sealed_until: Date | null; unsealed_minutes: number }>`
    select s.at as sealed_until, coalesce((
      select extract(epoch from now() - e.at)::float8 / 60 from audit_events e
      where e.id > coalesce(s.event_id, 0) and not exists (select from audit_seals t where t.event_id = e.id offset 0)
      order by e.id limit 1
    ), 0) as unsealed_minutes
    from (values (1)) as one left join lateral (select * from audit_seals order by sequence desc limit 1) s on true`.execute(
    db,
  );
  return { sealedUntil: rows[0]?.sealed_until ?? undefined, unsealedMinutes: rows[0]?.unsealed_minutes ?? 0 };
}

/** Deletes every seal, so that the servers seal the whole log again, as it is now. */
export async function restartSealing(db: Database): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    // a server that is sealing has locked this row
    await sql`delete from audit_chain`.execute(transaction);
    await sql`delete from audit_seals`.execute(transaction);
    await sql`insert into audit_chain (name) values ('audit_events')`.execute(transaction);
  });
}
