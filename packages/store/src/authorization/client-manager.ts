import { type RawBuilder, sql } from 'kysely';
import { noteRequestSource } from '../audit/request-source.js';
import type { Database } from '../database/open-database.js';
import { noteToken } from './note-token.js';

/** Names a client of an account. Functions find no client if it belongs to another account. */
export interface OwnedClientKey {
  readonly accountId: string;
  readonly clientId: string;
  /** The id of the API token with which a program of the owner asks; undefined when a person asks. */
  readonly apiToken?: string;
}

/**
 * Names a client that the operator added. Functions find no other clients, and none that may call the admin API (of the
 * type `machine`).
 */
export interface OperatorClientKey {
  readonly clientId: string;
  /** Who acts for the operator: see `StandingChange`. */
  readonly by: string;
}

/** A client, named by the account that registered it, or by the operator who added it. */
export type ManagedClientKey = OwnedClientKey | OperatorClientKey;

/**
 * SQL: whether the row `c` of `clients` is the named client. A client that may call the admin API is left out, because
 * a program that may change clients could otherwise replace the key of a client that may do more.
 */
export function isManaged(key: ManagedClientKey): RawBuilder<unknown> {
  if ('by' in key)
    return sql`c.id = ${key.clientId} and c.registered_by = 'operator'
      and not exists (select from client_admin_scopes s where s.client_id = c.id)`;
  return sql`c.id = ${key.clientId}
    and exists (select from client_owners o where o.client_id = c.id and o.account_id = ${key.accountId})`;
}

/** The account of an audit row about the client: the one that registered it. */
export function accountOf(key: ManagedClientKey): string | null {
  return 'by' in key ? null : key.accountId;
}

/** A part of an event's detail, as jsonb: who changed the client, and the request. */
export function noteManager(db: Database, key: ManagedClientKey): RawBuilder<unknown> {
  return 'by' in key
    ? sql`jsonb_build_object('by', ${key.by}::text) || ${noteRequestSource(db)}`
    : noteToken(db, key.apiToken);
}
