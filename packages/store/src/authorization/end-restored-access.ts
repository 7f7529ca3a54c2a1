import { sql } from 'kysely';
import { formatArray } from '../database/format-array.js';
import type { Database } from '../database/open-database.js';
import { noteRestored } from '../database/restore-mark.js';
import { restartJournal } from '../journal/journal-position.js';
import { insertAuditEvent } from './audit-events.js';
import { endAppCodes } from './authenticator-apps.js';
import { revokeAllGrants } from './revoke-grant.js';

/** What ended after a backup was restored. */
export interface EndedAfterRestore {
  readonly grants: number;
  /** The accounts whose overall limit counts as used up for this month. */
  readonly accounts: number;
}

/**
 * The tables that give access besides the grants. Each row may have been used or removed since the backup was made.
 * `mails` has the e-mails that were waiting when the backup was made. They were probably sent since then, and the links
 * in them no longer work.
 */
const accessTables = [
  'artifacts',
  'owner_sessions',
  'sign_in_challenges',
  'account_tokens',
  'password_resets',
  'address_links',
  'operator_links',
  'device_codes',
  'mails',
  // clients that may call the admin API; since the backup, some may have been deleted or have lost scopes
  'client_admin_scopes',
] as const;

/**
 * Ends everything in a restored database that may have been revoked or spent since the backup was made: all grants with
 * their tokens and budgets, all sessions, API tokens, links, unused invitations and admin scopes, and the rest of this
 * month's overall limit of each account. The servers must not run, or a server could issue tokens meanwhile.
 * @param keepSpendingOf the ids of the accounts whose overall limit keeps the spending in the backup
 */
export async function endRestoredAccess(db: Database, keepSpendingOf: readonly string[]): Promise<EndedAfterRestore> {
  return db.transaction().execute(async (transaction) => {
    // locks the overall limits before the grants, in the same order as every admission
    const accounts = await useUpOverallLimits(transaction, keepSpendingOf);
    const grants = await revokeAllGrants(transaction, { reason: 'operator', revokedBy: 'operator' });
    for (const table of accessTables) await sql`delete from ${sql.table(table)}`.execute(transaction);
    await sql`delete from invitations where used_at is null`.execute(transaction);
    await endAppCodes(transaction);
    await noteRestored(transaction);
    await restartJournal(transaction);
    const detail = { by: 'command', grants, accounts };
    await insertAuditEvent(transaction, { event: 'backup_restored', detail });
    return { grants, accounts };
  });
}

async function useUpOverallLimits(transaction: Database, keepSpendingOf: readonly string[]): Promise<number> {
  const { rows } = await sql`
    with present as (
      select account_id, date_trunc('month', now() at time zone time_zone)::date as month from account_limits
      where account_id <> all (${formatArray(keepSpendingOf)}::text[]) order by account_id collate "C" for update
    )
    update account_limits a set month = greatest(a.month, p.month), month_cost = greatest(a.max_cost_per_month,
      case when a.month >= p.month then a.month_cost else 0 end)
    from present p where a.account_id = p.account_id returning a.account_id`.execute(transaction);
  return rows.length;
}
