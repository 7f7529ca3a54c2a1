import { countedKinds, type LastingDenial, limitTable, type UsageCounter } from '@aipassport/policy';
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { isMadeByOwner } from '../live-grants.js';

/** Whether a grant may admit one more request, by the rules of the admission, before a request's cost is known. */
export type GrantState = 'open' | 'unknown' | 'revoked' | 'expired' | LastingDenial | 'account_budget_exhausted';

/**
 * Whether a grant `g` has used up a limit, by its counter, even if all requests in progress cost nothing. Counters of
 * earlier days and months count as 0. The order is that of `admit_requests`, which reports the first of these.
 */
const usedUp: Readonly<Record<UsageCounter, (limit: RawBuilder<unknown>) => RawBuilder<boolean>>> = {
  requests: (limit) => sql`g.used_requests >= ${limit} and g.held = 0 and g.open_streams = 0`,
  cost: (limit) => sql`g.spent >= ${limit}`,
  month: (limit) => sql`g.month >= date_trunc('month', now() at time zone g.time_zone)::date
    and g.month_cost - g.held >= ${limit}`,
  day: (limit) => sql`g.day >= (now() at time zone g.time_zone)::date and g.day_cost - g.held >= ${limit}`,
};
const whenUsedUp = sql.join(
  Object.entries(usedUp).flatMap(([counter, isUsedUp]) =>
    countedKinds
      .map((kind) => limitTable[kind])
      .filter(({ usage }) => usage === counter)
      .map(({ column, denial }) => sql`when ${isUsedUp(sql.ref(`g.${column}`))} then ${sql.lit(denial)}`),
  ),
  sql` `,
);

/**
 * Reads grants by their ids, without locks. Reservations of requests in progress do not count as used: a grant is open
 * if it may be open when those requests end. The budgets of the grants above a grant are not read.
 *
 * @returns the states in the order of the grants
 */
export async function listGrantStates(db: Database, grantIds: readonly string[]): Promise<readonly GrantState[]> {
  const { rows } = await sql<{ state: GrantState }>`
    select case
      when g.id is null then 'unknown'
      when g.status <> 'active' then 'revoked'
      when g.expires_at <= now() then 'expired'
      ${whenUsedUp}
      when l.month >= date_trunc('month', now() at time zone l.time_zone)::date
        and l.month_cost >= l.max_cost_per_month
        and l.month_cost - (
          -- the counter of a grant includes the grants below it
          select sum(o.held) from grants o where o.account_id = g.account_id and ${isMadeByOwner('o')}
        ) >= l.max_cost_per_month
        then 'account_budget_exhausted'
      else 'open' end as state
    from unnest(${[...grantIds]}::text[]) with ordinality as asked (id, place)
    left join grants g on g.id = asked.id
    left join account_limits l on l.account_id = g.account_id
    order by asked.place`.execute(db);
  return rows.map(({ state }) => state);
}
