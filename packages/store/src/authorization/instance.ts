import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { isLive, isMadeByOwner } from '../live-grants.js';
import type { Client } from './clients.js';
import { simulatedUsage } from './simulated-usage.js';
import { boundedSum } from './summarize-usage.js';

/** An account as operators see it. It tells what the apps spend, but not what they send or receive. */
export interface AccountSummary {
  readonly id: string;
  readonly email: string;
  readonly createdAt: Date;
  readonly disabledAt: Date | undefined;
  readonly isOperator: boolean;
  /** How many apps have access now. */
  readonly apps: number;
  /** What all apps have spent in the current month, in nano-US-dollars. */
  readonly monthCost: bigint;
  /** The simulated part of `monthCost`, which cost no real money. */
  readonly simulatedMonthCost: bigint;
}

export interface SearchPage {
  /** A part of an account's e-mail address, or of a client's name or identifier; empty for all. */
  readonly search: string;
  /** Only rows after this value, in the list's order; empty for the first page. */
  readonly after: string;
  readonly limit: number;
}

/** Lists accounts by e-mail address. */
export async function listAccountSummaries(
  db: Database,
  { search, after, limit }: SearchPage,
): Promise<readonly AccountSummary[]> {
  const { rows } = await sql<AccountRow>`
    with found as (
      select id, email, created_at, disabled_at, time_zone from accounts
      where position(${search.trim().toLowerCase()} in email) > 0 and email > ${after} order by email limit ${limit}
    )
    select f.*, exists (select from operators o where o.account_id = f.id) as is_operator,
      (select count(distinct g.client_id)::int from grants g
        where g.account_id = f.id and ${isLive('g')}) as apps,
      (select coalesce(sum(g.month_cost - (
          select coalesce(sum(r.reserved), 0) from reservations r
          where r.month = g.month and g.id = any (with_ancestors(array[r.grant_id]))
        )), 0)::bigint
        from grants g
        -- the spending of a grant below is already counted in the grant above it
        where g.account_id = f.id and ${isMadeByOwner('g')}
          and g.month >= date_trunc('month', now() at time zone g.time_zone)::date) as month_cost,
      (select ${boundedSum} from ${simulatedUsage(sql`account_id = f.id`)} u
        where u.month >= date_trunc('month', now() at time zone f.time_zone)::date) as simulated_month_cost
    from found f order by f.email`.execute(db);
  return rows.map((row) => ({
    id: row.id,
    email: row.email,
    createdAt: row.created_at,
    disabledAt: row.disabled_at ?? undefined,
    isOperator: row.is_operator,
    apps: row.apps,
    monthCost: row.month_cost,
    simulatedMonthCost: row.simulated_month_cost,
  }));
}

interface AccountRow {
  readonly id: string;
  readonly email: string;
  readonly created_at: Date;
  readonly disabled_at: Date | null;
  readonly is_operator: boolean;
  readonly apps: number;
  readonly month_cost: bigint;
  readonly simulated_month_cost: bigint;
}

/** A client as operators see it. */
export interface ClientSummary {
  readonly id: string;
  readonly name: string;
  /** Client metadata (RFC 7591 section 2). */
  readonly metadata: Client['metadata'];
  readonly registeredBy: 'operator' | 'registration';
  readonly createdAt: Date;
  readonly isApproved: boolean;
  readonly isBlocked: boolean;
  /** How many accounts give the client access now. */
  readonly accounts: number;
}

/** Lists clients by identifier. */
export async function listClientSummaries(
  db: Database,
  { search, after, limit }: SearchPage,
): Promise<readonly ClientSummary[]> {
  const wanted = search.trim().toLowerCase();
  const { rows } = await sql<ClientRow>`
    with found as (
      select id, name, metadata, registered_by, created_at from clients
      where (position(${wanted} in lower(name)) > 0 or position(${wanted} in lower(id)) > 0) and id > ${after}
      order by id limit ${limit}
    )
    select f.*, exists (select from client_approvals p where p.client_id = f.id) as is_approved,
      exists (select from client_blocks b where b.client_id = f.id) as is_blocked,
      (select count(distinct g.account_id)::int from grants g
        where g.client_id = f.id and ${isLive('g')}) as accounts
    from found f order by f.id`.execute(db);
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    metadata: row.metadata,
    registeredBy: row.registered_by,
    createdAt: row.created_at,
    isApproved: row.is_approved,
    isBlocked: row.is_blocked,
    accounts: row.accounts,
  }));
}

interface ClientRow {
  readonly id: string;
  readonly name: string;
  readonly metadata: Client['metadata'];
  readonly registered_by: 'operator' | 'registration';
  readonly created_at: Date;
  readonly is_approved: boolean;
  readonly is_blocked: boolean;
  readonly accounts: number;
}

/** The database as operators see it. */
export interface InstanceFacts {
  readonly postgresVersion: string;
  readonly databaseBytes: bigint;
  readonly accounts: number;
  readonly clients: number;
}

export async function readInstanceFacts(db: Database): Promise<InstanceFacts> {
  const { rows } = await sql<{ version: string; bytes: bigint; accounts: number; clients: number }>`
    select current_setting('server_version') as version, pg_database_size(current_database()) as bytes,
      (select count(*)::int from accounts) as accounts, (select count(*)::int from clients) as clients`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('the database returned no row about itself');
  return {
    postgresVersion: row.version,
    databaseBytes: row.bytes,
    accounts: row.accounts,
    clients: row.clients,
  };
}
