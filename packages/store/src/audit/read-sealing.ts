import { sql } from 'kysely';
import { insertAuditEvent } from '../authorization/audit-events.js';
import type { Database } from '../database/open-database.js';

/** How far the audit log is sealed, by its own record. Only a verification shows whether the record is true. */
export type SealingReport =
  | {
      readonly kind: 'sealed';
      /** The time of the last event that was sealed; undefined when no event was ever sealed. */
      readonly sealedUntil: Date | undefined;
      /** The age of the first later event that has no seal; 0 when there is none. */
      readonly unsealedMinutes: number;
      /** The age of the newest signed head; undefined when there is none. */
      readonly headDays: number | undefined;
    }
  /**
   * The number of the last seal is not the one in the record of how far the log is sealed, or this record is missing or
   * unreadable. In this state, no server seals events.
   */
  | { readonly kind: 'changed' };

/** Reads how far the audit log is sealed. It reads few rows and verifies no seals. */
export async function readSealing(db: Database): Promise<SealingReport> {
  const { rows } = await sql<Row>`
    select c.state, s.sequence, s.at as sealed_until,
      (select (now() at time zone 'UTC')::date - max(day) from audit_heads) as head_days, coalesce((
      select extract(epoch from now() - e.at)::float8 / 60 from audit_events e
      where e.id > coalesce(s.event_id, 0) and not exists (select from audit_seals t where t.event_id = e.id offset 0)
      order by e.id limit 1
    ), 0) as unsealed_minutes
    from (values (1)) as one left join audit_chain c on true
    left join lateral (select sequence, event_id, at from audit_seals order by sequence desc limit 1) s on true`.execute(
    db,
  );
  const [row] = rows;
  const recorded = readRecorded(row?.state ?? undefined);
  if (row === undefined || recorded === undefined) return { kind: 'changed' };
  if ((row.sequence ?? recorded.removed) !== recorded.sequence) return { kind: 'changed' };
  const sealedUntil = row.sealed_until ?? recorded.sealedUntil;
  const { unsealed_minutes: unsealedMinutes, head_days: headDays } = row;
  return { kind: 'sealed', sealedUntil, unsealedMinutes, headDays: headDays ?? undefined };
}

interface Row {
  readonly state: string | null;
  readonly sequence: bigint | null;
  readonly sealed_until: Date | null;
  readonly unsealed_minutes: number;
  readonly head_days: number | null;
}

/**
 * Reads the record of how far the log is sealed, without a check of its authentication code.
 * @returns undefined when the record is missing or unreadable
 */
function readRecorded(state: string | undefined) {
  if (state === undefined) return undefined;
  if (state === '') return { sequence: 0n, removed: 0n, sealedUntil: undefined };
  try {
    const { sequence, removed, sealedUntil } = JSON.parse(state) as Readonly<Record<string, string>>;
    return {
      sequence: BigInt(sequence ?? ''),
      removed: BigInt(removed ?? ''),
      sealedUntil: sealedUntil === '' || sealedUntil === undefined ? undefined : new Date(sealedUntil),
    };
  } catch {
    return undefined;
  }
}

/** Deletes every seal and every head, so that the servers seal the whole log again, as it is now. */
export async function restartSealing(db: Database): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    // this waits while a server seals, because that server has locked this row
    await sql`delete from audit_chain`.execute(transaction);
    await sql`delete from audit_seals`.execute(transaction);
    await sql`delete from audit_heads`.execute(transaction);
    await sql`insert into audit_chain (name) values ('audit_events')`.execute(transaction);
    await insertAuditEvent(transaction, { event: 'audit_sealing_restarted', detail: { by: 'command' } });
  });
}
