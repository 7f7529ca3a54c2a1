import { sql } from 'kysely';
import { endAppCodes } from '../authorization/authenticator-apps.js';
import type { Database } from '../database/open-database.js';
import { limitColumns } from '../grant-row.js';

const setLimits = sql.join(limitColumns.map((column) => sql`${sql.ref(column)} = ${sql.ref(`t.${column}`)}`));
// a limit that is a smaller integer is converted when it is stored
const typedLimits = sql.join(limitColumns.map((column) => sql`${sql.ref(column)} bigint`));

/** Gives live grants the terms that they had later. @param entries entries of the journal with terms */
export async function replayTerms(transaction: Database, entries: readonly string[]): Promise<void> {
  // one after the other: a grant may have several
  for (const entry of entries)
    await sql`
      update grants g set scope = t.scope, expires_at = t.expires_at, ${setLimits}
      from jsonb_to_record(${entry}::jsonb -> 'row') as t (id text, scope text, expires_at timestamptz, ${typedLimits})
      where g.id = t.id and g.status = 'active'`.execute(transaction);
}

/**
 * Brings back the refresh tokens of live grants that were issued since the backup, and marks those as used that were
 * used since then. So a client can use its newest refresh token, and an earlier one counts as a replay.
 * @param entries entries of the journal with rows of refresh tokens
 */
export async function replayRefreshTokens(transaction: Database, entries: readonly string[]): Promise<void> {
  for (const entry of entries)
    await sql`
      insert into artifacts as a (model, id_hash, payload, grant_id, uid, consumed_at, expires_at)
      select t.model, t.id_hash, t.payload, t.grant_id, t.uid, t.consumed_at, t.expires_at
      from jsonb_to_record(${entry}::jsonb -> 'row') as t (model text, id_hash text, payload jsonb, grant_id text,
        uid text, consumed_at timestamptz, expires_at timestamptz)
      join grants g on g.id = t.grant_id and g.status = 'active'
      on conflict (model, id_hash) do update
        set consumed_at = least(a.consumed_at, excluded.consumed_at), expires_at = excluded.expires_at`.execute(
      transaction,
    );
}

/**
 * Codes, sessions, pages that wait for an answer, and tokens that clients got for themselves. They may have been used
 * or ended since the backup.
 */
const shortLived = [
  'AuthorizationCode',
  'ChangeDecision',
  'ClientCredentials',
  'ConsentDenial',
  'ConsentDraft',
  'DeviceCode',
  'Interaction',
  'InteractionAnswer',
  'KeptForm',
  'PushedAuthorizationRequest',
  'RefreshAnswer',
  'Session',
];

/** Tables of sign-ins and links. Each row may have been used or removed since the backup. */
const signInTables = [
  'owner_sessions',
  'sign_in_challenges',
  'password_resets',
  'address_links',
  'operator_links',
  'device_codes',
  'mails',
  // clients that may call the admin API; since the backup, some may have been deleted or have lost scopes
  'client_admin_scopes',
] as const;

/** Ends all sessions, links and unused invitations, and everything that was begun and not finished. */
export async function endSignIns(transaction: Database): Promise<void> {
  await sql`delete from artifacts where model = any (${shortLived}::text[])`.execute(transaction);
  for (const table of signInTables) await sql`delete from ${sql.table(table)}`.execute(transaction);
  await endAppCodes(transaction);
  await sql`delete from invitations where used_at is null`.execute(transaction);
}
