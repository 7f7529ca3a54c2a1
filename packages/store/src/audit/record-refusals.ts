import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/**
 * Moves the counts of ended windows to the audit log, one event for each subject. Servers add their last counts of a
 * window some seconds after its end, so a window is moved half a minute after its end.
 * @returns the number of events
 */
export async function recordRefusals(db: Database): Promise<number> {
  const { rows } = await sql`
    with ended as (
      delete from refusal_counts where counted_until < now() - interval '30 seconds'
      returning event, reason, account_id, client_id, grant_id, count, first_at, last_at, request_id, address
    )
    insert into audit_events (event, account_id, client_id, grant_id, detail)
    -- an account that was deleted meanwhile is not named
    select event, a.id, nullif(client_id, ''), nullif(grant_id, ''), jsonb_strip_nulls(jsonb_build_object(
      'reason', nullif(reason, ''), 'count', count, 'first_at', first_at, 'last_at', last_at,
      'request_id', request_id, 'address', address))
    from ended left join accounts a on a.id = ended.account_id
    order by first_at returning id`.execute(db);
  return rows.length;
}
