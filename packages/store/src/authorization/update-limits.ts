import type { Limits } from '@aipassport/policy';
import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { formatLimits } from '../grant-row.js';

export interface LimitsUpdate {
  readonly grantId: string;
  readonly accountId: string;
  readonly limits: Limits;
  readonly expiresAt: Date;
}

/**
 * Changes the limits of an owner's live grant, effective with the next request; what is used stays used.
 * @returns false when there is no such live grant of this owner
 */
export async function updateGrantLimits(db: Database, update: LimitsUpdate): Promise<boolean> {
  const { grantId, accountId, limits, expiresAt } = update;
  const { rows } = await sql`
    with changed as (
      update grants set max_requests = ${limits.maxRequests ?? null}, max_requests_per_minute = ${limits.maxRequestsPerMinute ?? null},
        max_tokens_per_minute = ${limits.maxTokensPerMinute ?? null}, max_streams = ${limits.maxStreams ?? null},
        max_cost = ${limits.maxCost ?? null}, max_cost_per_day = ${limits.maxCostPerDay ?? null},
        max_cost_per_month = ${limits.maxCostPerMonth ?? null}, expires_at = ${expiresAt}
      where id = ${grantId} and account_id = ${accountId} and status = 'active' and expires_at > now()
      returning id, account_id, client_id, expires_at
    )
    insert into audit_events (event, account_id, client_id, grant_id, detail)
    select 'limits_changed', account_id, client_id, id,
      jsonb_build_object('expires_at', expires_at) || ${JSON.stringify(formatLimits(limits))}::jsonb from changed
    returning id`.execute(db);
  return rows.length > 0;
}

export interface AccountLimit {
  /** Nano-US-dollars a month of the owner's calendar, over all grants. */
  readonly maxCostPerMonth: bigint;
  /** What is spent and set aside of it this month. */
  readonly monthCost: bigint;
}

export async function findAccountLimit(db: Database, accountId: string): Promise<AccountLimit | undefined> {
  const { rows } = await sql<{ max_cost_per_month: bigint; month_cost: bigint }>`
    select max_cost_per_month, case when month = date_trunc('month', now() at time zone time_zone)::date then month_cost else 0 end as month_cost
    from account_limits where account_id = ${accountId}`.execute(db);
  const [row] = rows;
  return row && { maxCostPerMonth: row.max_cost_per_month, monthCost: row.month_cost };
}

/** Sets or, with undefined, lifts what an account may spend in a month over all its grants. Counts what this month has spent already. */
export async function setAccountLimit(
  db: Database,
  accountId: string,
  maxCostPerMonth: bigint | undefined,
): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    // Every admission and settlement touches this table first: none is under way between the sum and the row.
    await sql`lock table account_limits in exclusive mode`.execute(transaction);
    if (maxCostPerMonth === undefined) {
      await sql`delete from account_limits where account_id = ${accountId}`.execute(transaction);
    } else {
      await sql`
        insert into account_limits as l (account_id, time_zone, max_cost_per_month, month, month_cost)
        select a.id, a.time_zone, ${maxCostPerMonth}, m.month, coalesce((
          select sum(cost) from (
            select cost from ledger where account_id = a.id and month = m.month and admitted_at > now() - interval '33 days'
            union all select reserved from reservations where account_id = a.id and month = m.month) c), 0)
        from accounts a, lateral (select date_trunc('month', now() at time zone a.time_zone)::date as month) m where a.id = ${accountId}
        on conflict (account_id) do update set max_cost_per_month = excluded.max_cost_per_month`.execute(transaction);
    }
    await sql`insert into audit_events (event, account_id, detail)
      values ('account_limit_changed', ${accountId}, ${JSON.stringify({ max_cost_per_month: maxCostPerMonth?.toString() ?? null })})`.execute(
      transaction,
    );
  });
}
