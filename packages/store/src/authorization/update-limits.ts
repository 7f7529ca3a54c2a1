import type { Limits } from '@aipassport/policy';
import { sql } from 'kysely';
import { passRequestSource } from '../audit/request-source.js';
import { inTransaction } from '../database/in-transaction.js';
import type { Database } from '../database/open-database.js';
import { formatAuditedLimits, formatTermsBefore, listLimitColumns } from '../grant-row.js';
import { isLive, noteChosenEnd } from '../live-grants.js';
import { isAsShown } from './change-grant.js';
import { lockParent } from './delegate-grant.js';
import type { Grant } from './grants.js';
import { noteToken } from './note-token.js';

export interface LimitsUpdate {
  readonly grantId: string;
  readonly accountId: string;
  readonly limits: Limits;
  /** The new scope, which is a part of the present scope; undefined: the scope stays. */
  readonly scope?: string;
  readonly expiresAt: Date;
  /**
   * The grant as it was shown to the owner. If the grant has another scope, limit or end now, nothing is changed. The
   * audit row contains these values too.
   */
  readonly shown?: Pick<Grant, 'storedScope' | 'limits' | 'expiresAt'>;
  /** Whether a limit may become larger, or the grant's life longer. */
  readonly mayRaise: boolean;
  /** The id of the API token with which a program of the owner asks; undefined when a person asks. */
  readonly apiToken?: string;
}

/**
 * Changes the limits, the scope and the end of an owner's live grant, from the next request on. The usage so far stays.
 * One statement checks and changes, so a limit that was lowered a moment ago is not raised again. Admissions of the
 * grants below this grant check these limits too. No grant below this grant ends later than this grant does. This grant
 * itself ends with the grant above it at the latest.
 * @returns false when there is no such live grant of this owner, it was changed after it was shown, or the change would
 * raise a limit or lengthen the grant's life although `mayRaise` is false
 */
export async function updateGrantLimits(db: Database, update: LimitsUpdate): Promise<boolean> {
  const { grantId, accountId, limits, scope, expiresAt, shown, mayRaise, apiToken } = update;
  const columns = listLimitColumns(limits);
  // No limit (null) is more than any limit, and a comparison with null is never true.
  const lowers = columns.map(
    ({ column, value }) => sql`(${sql.ref(column)} is null or ${value} <= ${sql.ref(column)})`,
  );
  const { rows } = await sql`
    with parent as materialized (${lockParent(grantId)}), changed as (
      update grants set ${sql.join(columns.map(({ column, value }) => sql`${sql.ref(column)} = ${value}`))},
        scope = coalesce(${scope ?? null}, scope), expires_at = least(${expiresAt}, parent_ends_at)
      from (select min(expires_at) as parent_ends_at from parent) p
      where id = ${grantId} and account_id = ${accountId} and ${isLive()}
        and ${shown === undefined ? sql`true` : isAsShown(shown)}
        and (${mayRaise} or (${expiresAt} <= expires_at
          and ${sql.join(lowers, sql` and `)}))
      returning id, account_id, client_id, scope, expires_at
    ), chosen as (${noteChosenEnd(shown?.expiresAt.getTime() !== expiresAt.getTime())})
    insert into audit_events (event, account_id, client_id, grant_id, detail)
    select 'limits_changed', account_id, client_id, id,
      jsonb_build_object('expires_at', expires_at, 'scope', scope)
        || ${formatAuditedLimits(limits)}::jsonb || ${shown === undefined ? '{}' : formatTermsBefore(shown)}::jsonb
        || ${noteToken(db, apiToken)}
    from changed cross join shorten_grants_below(id, expires_at)
    returning id`.execute(db);
  return rows.length > 0;
}

export interface AccountLimit {
  /** Nano-US-dollars in a month of the owner's calendar, over all grants. */
  readonly maxCostPerMonth: bigint;
  /** The costs of this month, spent or reserved. They may exceed a limit that was lowered. */
  readonly monthCost: bigint;
  /** The part of `monthCost` that is reserved for requests in progress. */
  readonly reserved: bigint;
}

export async function findAccountLimit(db: Database, accountId: string): Promise<AccountLimit | undefined> {
  const { rows } = await sql<{ max_cost_per_month: bigint; month_cost: bigint; reserved: bigint }>`
    select max_cost_per_month, case when is_current then month_cost else 0 end as month_cost,
      (select coalesce(sum(r.reserved), 0)::bigint from reservations r
        where is_current and r.account_id = l.account_id and r.month = l.month) as reserved
    from account_limits l
      cross join lateral (select month >= date_trunc('month', now() at time zone time_zone)::date as is_current) t
    where account_id = ${accountId}`.execute(db);
  const [row] = rows;
  return row && { maxCostPerMonth: row.max_cost_per_month, monthCost: row.month_cost, reserved: row.reserved };
}

export interface AccountLimitUpdate {
  readonly accountId: string;
  /** Undefined removes the limit. */
  readonly maxCostPerMonth: bigint | undefined;
  /** Whether the limit may become larger, or be removed. */
  readonly mayRaise: boolean;
  /** The id of the API token with which a program of the owner asks; undefined when a person asks. */
  readonly apiToken?: string;
}

/**
 * Sets or removes the monthly limit of an account over all its grants. Costs from earlier in this month count. The
 * rules are in the function `set_account_limit`, which locks only rows of this account.
 * @returns false when the change would raise or remove the limit although `mayRaise` is false
 */
export async function setAccountLimit(db: Database, update: AccountLimitUpdate): Promise<boolean> {
  const { accountId, maxCostPerMonth, mayRaise, apiToken } = update;
  const set = async (within: Database) => {
    // The function does not take the token as a parameter, because the previous release calls it with this signature.
    if (apiToken !== undefined) await sql`select set_config('aipassport.api_token', ${apiToken}, true)`.execute(within);
    await passRequestSource(within);
    const { rows } = await sql<{ is_set: boolean }>`
      select set_account_limit(${accountId}, ${maxCostPerMonth ?? null}, ${mayRaise}) as is_set`.execute(within);
    return rows[0]?.is_set === true;
  };
  return inTransaction(db, set);
}
