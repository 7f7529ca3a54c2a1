import { sql } from 'kysely';
import { advanceProgress, type EventProgress, readWriting } from '../audit/event-progress.js';
import { formatArray } from '../database/format-array.js';
import type { Database } from '../database/open-database.js';
import { limitColumns } from '../grant-row.js';
import { journaledEvents, signInEvents, termsEvents, tokenEvents } from './journaled-events.js';

export interface JournaledEvent {
  readonly id: bigint;
  readonly event: string;
  readonly grantId: string | undefined;
  /** The request whose charge the operator corrected. */
  readonly request: string | undefined;
  /** The event as an entry of the journal. */
  readonly line: string;
}

const followed = [...journaledEvents, ...signInEvents, ...termsEvents, ...tokenEvents, 'charge_corrected'];

/** Lists the events of the audit log that the reader has not read yet, and perhaps some again. */
export async function listNewEvents(
  transaction: Database,
  progress: EventProgress,
): Promise<{ readonly events: readonly JournaledEvent[]; readonly progress: EventProgress }> {
  const writing = await readWriting(transaction);
  // the IP address of the person is left out
  const { rows } = await sql<
    Omit<JournaledEvent, 'grantId' | 'request'> & { grant_id: string | null; request: string | null }
  >`
    select id, event, grant_id, detail ->> 'request' as request, jsonb_build_object('kind', 'event', 'id', id,
      'at', at, 'event', event, 'account_id', account_id, 'client_id', client_id, 'grant_id', grant_id,
      'detail', detail - 'address')::text as line
    from audit_events where id > ${progress.completeTo} and event = any (${formatArray(followed)}::text[])
    order by id`.execute(transaction);
  const events = rows.map(({ grant_id: grantId, request, ...row }) => ({
    ...row,
    grantId: grantId ?? undefined,
    request: request ?? undefined,
  }));
  return { events, progress: { ...progress, ...advanceProgress(progress, writing, undefined) } };
}

/** A request whose ledger row is still to come, or whose charge may still be corrected. */
export interface OpenRequest {
  readonly kind: 'reservation' | 'abandoned';
  readonly requestId: string;
  /** As PostgreSQL writes it, with microseconds. */
  readonly admittedAt: string;
  /** Without the microseconds. */
  readonly admitted: Date;
}

export async function listOpenRequests(transaction: Database): Promise<readonly OpenRequest[]> {
  const { rows } = await sql<OpenRequest>`
    select 'reservation' as kind, request_id as "requestId", admitted_at::text as "admittedAt", admitted_at as admitted from reservations
    union all select 'abandoned', request_id, admitted_at::text, admitted_at from abandoned_requests`.execute(
    transaction,
  );
  return rows;
}

/** @returns entries for these reservations, without those that have ended meanwhile */
export async function listReservations(
  transaction: Database,
  requestIds: readonly string[],
): Promise<readonly string[]> {
  if (requestIds.length === 0) return [];
  const { rows } = await sql<{ line: string }>`
    select jsonb_build_object('kind', 'open', 'row', to_jsonb(r))::text as line
    from reservations r where request_id = any (${formatArray(requestIds)}::uuid[])`.execute(transaction);
  return rows.map(({ line }) => line);
}

const limits = sql.join(limitColumns.map((column) => sql`${sql.lit(column)}, ${sql.ref(`g.${column}`)}`));

/** The terms of grants and of all grants below them, which end with them at the latest. */
export async function listTerms(transaction: Database, grantIds: readonly string[]): Promise<readonly string[]> {
  if (grantIds.length === 0) return [];
  const { rows } = await sql<{ line: string }>`
    select jsonb_build_object('kind', 'terms', 'row', jsonb_build_object('id', g.id, 'scope', g.scope,
      'expires_at', g.expires_at, ${limits}))::text as line
    from grants g where g.id in (
      select id from unnest(${formatArray(grantIds)}::text[]) as id
      union select below from unnest(${formatArray(grantIds)}::text[]) as id, grants_below(id) as below
    )`.execute(transaction);
  return rows.map(({ line }) => line);
}

/**
 * The refresh tokens of grants: those that have not been used, and those that were used later than a minute before
 * `since`. The rows have hashes and no tokens.
 */
export async function listRefreshTokens(
  transaction: Database,
  grantIds: readonly string[],
  since: string,
): Promise<readonly string[]> {
  if (grantIds.length === 0) return [];
  const { rows } = await sql<{ line: string }>`
    select jsonb_build_object('kind', 'refresh_token', 'row', to_jsonb(a))::text as line from artifacts a
    where grant_id = any (${formatArray(grantIds)}::text[]) and model = 'RefreshToken'
      and (consumed_at is null or consumed_at > ${since}::timestamptz - interval '1 minute')`.execute(transaction);
  return rows.map(({ line }) => line);
}
