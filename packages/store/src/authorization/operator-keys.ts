import type { Upstream } from '@aipassport/policy';
import { sql } from 'kysely';
import { noteRequestSource } from '../audit/request-source.js';
import type { Database } from '../database/open-database.js';

/**
 * The caps that the operator's page sets on the monthly (UTC) cost of the operator's provider keys, in nano-US-dollars.
 * undefined: the page sets no cap.
 */
export interface OperatorCaps {
  readonly ofAll: bigint | undefined;
  /** For each account that has no cap of its own. */
  readonly ofAccount: bigint | undefined;
}

export async function readOperatorCaps(db: Database): Promise<OperatorCaps> {
  const { rows } = await sql<{ of_all: bigint | null; of_account: bigint | null }>`
    select max_cost_per_month as of_all, max_cost_per_month_per_account as of_account from operator_caps`.execute(db);
  return { ofAll: rows[0]?.of_all ?? undefined, ofAccount: rows[0]?.of_account ?? undefined };
}

/**
 * Sets both caps, and writes the audit row. Once the transaction has ended, every proxy admits by these caps.
 * @param transaction after `lockOperatorCaps`
 * @param by the operator's account; undefined when a program sets the caps. The audit row then names the program: see
 * `describeRequestSource`
 */
export async function setOperatorCaps(
  transaction: Database,
  { ofAll, ofAccount }: OperatorCaps,
  by: string | undefined,
): Promise<void> {
  await sql`
    with before as (
      select max_cost_per_month as of_all, max_cost_per_month_per_account as of_account from operator_caps
    ), changed as (
      insert into operator_caps (max_cost_per_month, max_cost_per_month_per_account)
      values (${ofAll ?? null}, ${ofAccount ?? null})
      on conflict (only_row) do update set max_cost_per_month = excluded.max_cost_per_month,
        max_cost_per_month_per_account = excluded.max_cost_per_month_per_account
      returning max_cost_per_month as of_all, max_cost_per_month_per_account as of_account
    )
    insert into audit_events (event, account_id, detail)
    select 'operator_caps_changed', ${by ?? null}::text,
      jsonb_build_object('max_cost_per_month', changed.of_all::text, 'max_cost_per_month_before', before.of_all::text,
        'max_cost_per_month_per_account', changed.of_account::text,
        'max_cost_per_month_per_account_before', before.of_account::text) || ${noteRequestSource(transaction)}
    from changed left join before on true`.execute(transaction);
}

/**
 * Waits for the requests that are being admitted by the present caps. After that, other changes of the caps wait until
 * the transaction ends, and so do requests that read the caps. While these requests wait, they hold the locks of their
 * grants. So the caller must take the locks of accounts and grants before this one, and none afterwards.
 */
export async function lockOperatorCaps(transaction: Database): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('aipassport operator caps'))`.execute(transaction);
}

/** @returns the cap of one account; undefined when it has none of its own */
export async function findAccountOperatorCap(db: Database, accountId: string): Promise<bigint | undefined> {
  const { rows } = await sql<{ cap: bigint }>`
    select max_cost_per_month as cap from account_operator_caps where account_id = ${accountId}`.execute(db);
  return rows[0]?.cap;
}

interface AccountCap {
  readonly accountId: string;
  /** Zero: the account may not use the operator's keys. Undefined: the account has no cap of its own. */
  readonly cap: bigint | undefined;
  /** Who acts for the operator: see `StandingChange`. */
  readonly by: string;
}

/**
 * Sets or removes the cap of one account, and writes the audit row. Once the transaction has ended, every proxy admits
 * by this cap.
 * @param transaction after `lockOperatorCaps`
 */
export async function setAccountOperatorCap(transaction: Database, { accountId, cap, by }: AccountCap): Promise<void> {
  await sql`
    with account as (select id from accounts where id = ${accountId}),
    changed as (
      insert into account_operator_caps (account_id, max_cost_per_month)
      select id, ${cap ?? 0n}::bigint from account where ${cap !== undefined}::boolean
      on conflict (account_id) do update set max_cost_per_month = excluded.max_cost_per_month
    ), removed as (
      delete from account_operator_caps c using account a where c.account_id = a.id and ${cap === undefined}::boolean
    )
    insert into audit_events (event, account_id, detail)
    select 'account_operator_cap_changed', id, jsonb_build_object('max_cost_per_month', ${cap?.toString() ?? null}::text,
      'max_cost_per_month_before', (select max_cost_per_month::text from account_operator_caps where account_id = id),
      'by', ${by}::text) || ${noteRequestSource(transaction)}
    from account`.execute(transaction);
}

/** The cost of the requests with the operator's provider keys in this month (UTC). */
export interface OperatorSpending {
  readonly cost: bigint;
  /** The part of `cost` that is reserved for requests in progress. */
  readonly reserved: bigint;
}

/** @param accountId undefined: all accounts together */
export async function readOperatorSpending(db: Database, accountId = ''): Promise<OperatorSpending> {
  const { rows } = await sql<OperatorSpending>`
    select cost, held as reserved from operator_spending
    where account_id = ${accountId} and month = date_trunc('month', now() at time zone 'UTC')::date`.execute(db);
  return rows[0] ?? { cost: 0n, reserved: 0n };
}

/** An operator's provider key at the proxies that run now. The key itself is not in the database. */
export interface OperatorKeyState {
  readonly upstream: Upstream;
  readonly sources: readonly ('environment' | 'file')[];
  /** `proxies`: how many of the running proxies have the provider key. `running`: how many proxies run. */
  readonly proxies: number;
  readonly running: number;
  /** The last refusal since these proxies started, if no request of the proxy has succeeded since. */
  readonly refused: { readonly at: Date; readonly reason: string } | undefined;
}

export async function listOperatorKeys(db: Database): Promise<readonly OperatorKeyState[]> {
  const { rows } = await sql<KeyRow>`
    select upstream, sources, proxies, running, refused_at, refusal from list_operator_keys()`.execute(db);
  return rows.map(({ upstream, sources, proxies, running, refused_at: at, refusal }) => ({
    upstream,
    sources,
    proxies,
    running,
    refused: at === null ? undefined : { at, reason: refusal ?? '' },
  }));
}

interface KeyRow {
  readonly upstream: Upstream;
  readonly sources: readonly ('environment' | 'file')[];
  readonly proxies: number;
  readonly running: number;
  readonly refused_at: Date | null;
  readonly refusal: string | null;
}
