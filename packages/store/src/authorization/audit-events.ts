import { type RawBuilder, sql } from 'kysely';
import { describeRequestSource } from '../audit/request-source.js';
import type { Database } from '../database/open-database.js';
import { normalizeEmail } from './accounts.js';
import { type ClientIdentity, clientIdentity } from './client-identity.js';

/**
 * All kinds of events. Some are written by SQL, in this package and in `functions/`. The owner's page of activity has
 * words for each kind.
 */
export const auditEventKinds = [
  'account_created',
  'account_deleted',
  'account_disabled',
  'account_enabled',
  'account_limit_changed',
  'account_token_created',
  'account_token_removed',
  'account_operator_cap_changed',
  'activity_exported',
  'audit_log_exported',
  'audit_log_read',
  'audit_sealing_restarted',
  'authenticator_app_added',
  'authenticator_app_removed',
  'backup_restored',
  'charge_corrected',
  'client_changed',
  'client_approved',
  'client_authentication_failed',
  'client_blocked',
  'client_deleted',
  'client_disapproved',
  'client_registered',
  'client_secret_replaced',
  'client_secrets_ended',
  'client_unblocked',
  'consent_denied',
  'consent_given',
  'data_exported',
  'data_read',
  'database_migrated',
  'defaults_changed',
  'email_changed',
  'email_confirmed',
  'grant_changed',
  'grant_delegated',
  'grant_not_redeemed',
  'grant_revoked',
  'identity_connected',
  'identity_removed',
  'invitation_created',
  'invitation_used',
  'invitation_withdrawn',
  'ledger_month_dropped',
  'limits_changed',
  'may_invite_changed',
  'notices_changed',
  'operator_added',
  'operator_caps_changed',
  'operator_link_created',
  'operator_removed',
  'passkey_added',
  'passkey_removed',
  'password_changed',
  'password_reset',
  'password_reset_link_created',
  'password_reset_link_sent',
  'provider_key_added',
  'provider_key_deleted',
  'provider_key_put_first',
  'provider_key_replaced',
  'recovery_code_used',
  'recovery_codes_created',
  'request_refused',
  'retention_changed',
  'sealing_key_retired',
  'secret_rotated',
  'secrets_made',
  'sessions_ended',
  'sign_in_limited',
  'sign_in_refused',
  'signed_in',
  'signed_out',
  'time_zone_changed',
  'token_issued',
] as const;

export type AuditEventKind = (typeof auditEventKinds)[number];

export interface AuditEvent {
  readonly event: AuditEventKind;
  readonly accountId?: string;
  readonly clientId?: string;
  readonly grantId?: string;
  /** Never a secret. */
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}

/** Whether the database has the audit log. A new database does not have it before its migration. */
export async function hasAuditLog(db: Database): Promise<boolean> {
  const { rows } = await sql<{ is_there: boolean }>`select to_regclass('audit_events') is not null as is_there`.execute(
    db,
  );
  return rows[0]?.is_there === true;
}

export async function insertAuditEvent(db: Database, event: AuditEvent): Promise<void> {
  await db
    .insertInto('audit_events')
    .values({
      event: event.event,
      account_id: event.accountId ?? null,
      client_id: event.clientId ?? null,
      grant_id: event.grantId ?? null,
      detail: JSON.stringify({ ...event.detail, ...describeRequestSource(db) }),
    })
    .execute();
}

/** An event as its account sees it. */
export interface ListedEvent {
  readonly id: bigint;
  readonly at: Date;
  /** A newer release may have written a kind that this release does not know. */
  readonly kind: AuditEventKind | undefined;
  readonly clientId: string | undefined;
  /** Undefined when the client was deleted. */
  readonly client: ClientIdentity | undefined;
  readonly grantId: string | undefined;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface EventQuery {
  readonly accountId: string;
  readonly kinds: readonly AuditEventKind[];
  readonly clientId?: string | undefined;
  /** Only events before the event with this id. */
  readonly before?: bigint | undefined;
  readonly limit: number;
}

/** Lists the events of an account, the latest first. */
export async function listAuditEvents(db: Database, query: EventQuery): Promise<readonly ListedEvent[]> {
  const { accountId, kinds, clientId, before, limit } = query;
  const conditions: RawBuilder<unknown>[] = [sql`e.account_id = ${accountId}`, sql`e.event = any (${[...kinds]})`];
  // the index `audit_events_shown` has the same condition
  if (!kinds.includes('token_issued')) conditions.push(sql`e.event <> 'token_issued'`);
  if (clientId !== undefined) conditions.push(sql`e.client_id = ${clientId}`);
  if (before !== undefined) conditions.push(sql`e.id < ${before}`);
  const { rows } = await sql<EventRow>`
    select e.id, e.at, e.event, e.client_id, ${clientIdentity} as client, e.grant_id, e.detail
    from audit_events e left join clients c on c.id = e.client_id
    where ${sql.join(conditions, sql` and `)} order by e.id desc limit ${limit}`.execute(db);
  return rows.map(toEvent);
}

function toEvent(row: EventRow): ListedEvent {
  return {
    id: row.id,
    at: row.at,
    kind: auditEventKinds.find((kind) => kind === row.event),
    clientId: row.client_id ?? undefined,
    client: row.client ?? undefined,
    grantId: row.grant_id ?? undefined,
    detail: row.detail,
  };
}

/** An event as operators see it. */
export interface InstanceEvent extends ListedEvent {
  /** The name of the kind, even if this release does not know the kind. */
  readonly event: string;
  /** The e-mail address of the event's account; undefined when the event has no account, or the account was deleted. */
  readonly email: string | undefined;
}

export interface InstanceEventQuery {
  /** Only this kind. */
  readonly event?: string | undefined;
  /** Only events of the account with this e-mail address. */
  readonly email?: string | undefined;
  readonly clientId?: string | undefined;
  /** Only events from this time on. */
  readonly since?: Date | undefined;
  /** Only events before the event with this id. */
  readonly before?: bigint | undefined;
  readonly limit: number;
}

/** Lists the events of all accounts, the latest first. */
export async function listInstanceEvents(
  db: Database,
  { event, email, clientId, since, before, limit }: InstanceEventQuery,
): Promise<readonly InstanceEvent[]> {
  const conditions: RawBuilder<unknown>[] = [sql`true`];
  if (event !== undefined) conditions.push(sql`e.event = ${event}`);
  if (email !== undefined)
    conditions.push(sql`e.account_id = (select id from accounts where email = ${normalizeEmail(email)})`);
  if (clientId !== undefined) conditions.push(sql`e.client_id = ${clientId}`);
  if (since !== undefined) conditions.push(sql`e.at >= ${since}`);
  if (before !== undefined) conditions.push(sql`e.id < ${before}`);
  const { rows } = await sql<EventRow & { readonly email: string | null }>`
    select e.id, e.at, e.event, e.client_id, ${clientIdentity} as client, e.grant_id, e.detail, a.email
    from audit_events e left join clients c on c.id = e.client_id left join accounts a on a.id = e.account_id
    where ${sql.join(conditions, sql` and `)} order by e.id desc limit ${limit}`.execute(db);
  return rows.map((row) => ({ ...toEvent(row), event: row.event, email: row.email ?? undefined }));
}

interface EventRow {
  readonly id: bigint;
  readonly at: Date;
  readonly event: string;
  readonly client_id: string | null;
  readonly client: ClientIdentity | null;
  readonly grant_id: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** The clients of an account's stored grants, live or ended, by name. At most 200. */
export async function listClientsOfAccount(
  db: Database,
  accountId: string,
): Promise<readonly (ClientIdentity & { readonly id: string })[]> {
  const { rows } = await sql<{ id: string; client: ClientIdentity }>`
    select c.id, ${clientIdentity} as client from clients c
    where c.id in (select client_id from grants where account_id = ${accountId}) order by c.name, c.id limit 200`.execute(
    db,
  );
  return rows.map(({ id, client }) => ({ id, ...client }));
}
