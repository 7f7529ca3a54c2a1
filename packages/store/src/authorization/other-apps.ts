import { limitTable, type UsdCounter, usdKinds } from '@aipassport/policy';
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { isLive, isMadeByOwner } from '../live-grants.js';
import type { Grant } from './grants.js';

/** What the other clients of an owner can still spend. */
export interface OtherAppsCost {
  /** Whether at least one of their grants has no spending limit. */
  readonly isUnlimited: boolean;
  /**
   * The sum of what the grants with a limit can still spend in this month of the owner's calendar, in nano-US-dollars.
   * Money that is reserved counts as money that can be spent, except in limits by day and month.
   */
  readonly monthRest: bigint;
}

/** The amount that a spending limit still allows until the end of the month, by its counter. */
const restOfMonth: Readonly<Record<UsdCounter, (limit: RawBuilder<unknown>) => RawBuilder<bigint>>> = {
  cost: (limit) => sql`${limit} - spent`,
  month: (limit) => sql`${limit} - case when month >= date_trunc('month', today)::date then month_cost else 0 end`,
  day: (limit) => sql`${limit} * (last_day - today + 1) - case when day >= today then day_cost else 0 end`,
};
const restsOfMonth = usdKinds
  .map((kind) => limitTable[kind])
  .map(({ usage, column }) => restOfMonth[usage](sql.ref(column)));

/**
 * Sums what the owner's grants for other clients can still spend this month. A grant whose code was not redeemed yet is
 * left out, because the client cannot use it. The limit on all apps together is left out too.
 */
export async function findOtherAppsCost(
  db: Database,
  { accountId, clientId }: Pick<Grant, 'accountId' | 'clientId'>,
): Promise<OtherAppsCost> {
  const { rows } = await sql<{ is_unlimited: boolean; month_rest: bigint }>`
    select coalesce(bool_or(rest is null), false) as is_unlimited,
      -- the sum of very many grants must still be a bigint
      least(coalesce(sum(greatest(rest, 0)), 0), 9000000000000000000)::bigint as month_rest
    from (
      -- \`least\` ignores limits that are null, and is null when all of them are
      select least(${sql.join(restsOfMonth)}) as rest
      from grants
        cross join lateral (select (now() at time zone time_zone)::date as today) t
        cross join lateral (select least(
          -- a grant that ends at midnight ends with the day before
          ((expires_at - interval '1 microsecond') at time zone time_zone)::date,
          (date_trunc('month', today) + interval '1 month - 1 day')::date
        ) as last_day) l
      where account_id = ${accountId} and client_id <> ${clientId} and ${isMadeByOwner()} and ${isLive()}
        and not exists (select from unredeemed_grants u where u.grant_id = grants.id)
    ) g`.execute(db);
  const [row] = rows;
  return { isUnlimited: row?.is_unlimited === true, monthRest: row?.month_rest ?? 0n };
}
