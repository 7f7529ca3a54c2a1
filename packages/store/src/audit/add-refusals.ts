import { sql } from 'kysely';
import { normalizeEmail } from '../authorization/accounts.js';
import type { Database } from '../database/open-database.js';
import type { CountedRefusal } from './refusal.js';

/** Adds refusals to the counts of the present window. All servers add to the same counts. */
export async function addRefusals(db: Database, refusals: readonly CountedRefusal[]): Promise<void> {
  if (refusals.length === 0) return;
  const accounts = await findAccounts(db, refusals);
  const rows = refusals.map(({ event, reason = '', accountId, email, clientId = '', grantId = '', ...last }) => ({
    event,
    reason,
    account_id: accountId ?? (email === undefined ? '' : (accounts.get(normalizeEmail(email)) ?? '')),
    client_id: clientId,
    grant_id: grantId,
    count: last.count,
    request_id: last.requestId,
    address: last.ipAddress ?? null,
  }));
  await sql`
    insert into refusal_counts as c (counted_until, event, reason, account_id, client_id, grant_id, count, request_id, address)
    select date_bin('10 minutes', now(), timestamptz 'epoch') + interval '10 minutes',
      event, reason, account_id, client_id, grant_id, sum(count), max(request_id), max(address)
    from jsonb_to_recordset(${JSON.stringify(rows)}) as r (event text, reason text, account_id text, client_id text,
      grant_id text, count bigint, request_id text, address text)
    -- all e-mail addresses without an account are one subject; all servers lock the rows in the same order
    group by event, reason, account_id, client_id, grant_id order by event, reason, account_id, client_id, grant_id
    on conflict (counted_until, event, reason, account_id, client_id, grant_id) do update set
      count = c.count + excluded.count, last_at = now(), request_id = excluded.request_id, address = excluded.address`.execute(
    db,
  );
}

async function findAccounts(db: Database, refusals: readonly CountedRefusal[]): Promise<ReadonlyMap<string, string>> {
  const emails = refusals.flatMap(({ email }) => (email === undefined ? [] : [normalizeEmail(email)]));
  if (emails.length === 0) return new Map();
  const { rows } = await sql<{ id: string; email: string }>`
    select id, email from accounts where email = any (${[...new Set(emails)]}::text[])`.execute(db);
  return new Map(rows.map(({ id, email }) => [email, id]));
}
