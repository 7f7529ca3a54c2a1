import { sql } from 'kysely';
import { isLive, isMadeByOwner } from '../live-grants.js';
import { simulatedUsage } from './simulated-usage.js';
import { boundedSum, type UsageSum } from './summarize-usage.js';

/** The usage of a client by all owners together. The sums identify no owner. */
export interface ClientUsage {
  readonly liveGrants: number;
  /** How many accounts have a live grant. */
  readonly liveOwners: number;
  /** How many accounts have a stored grant for the client, live or ended. */
  readonly owners: number;
  readonly requests: number;
  /** In nano-US-dollars. */
  readonly cost: bigint;
  /** The simulated part, which cost no real money. */
  readonly simulated: UsageSum;
}

/** SQL: joins the columns of `ClientUsageRow` to the client with the alias `c`. */
export const usageOfClient = sql`
  cross join lateral (
    -- the usage of a grant below another is counted for the grant above it too
    select count(*) filter (where ${isLive('g')}) as live_grants,
      count(distinct g.account_id) filter (where ${isLive('g')}) as live_owners,
      count(distinct g.account_id) as owners,
      coalesce(sum(g.used_requests), 0)::bigint as requests, coalesce(sum(g.spent), 0)::bigint as cost
    from grants g where g.client_id = c.id and ${isMadeByOwner('g')}
  ) u
  cross join lateral (
    select ${boundedSum} as simulated_cost, coalesce(sum(requests), 0)::bigint as simulated_requests
    from ${simulatedUsage(sql`grant_id = any (array(select id from grants where client_id = c.id))`)} s
  ) s`;

export interface ClientUsageRow {
  readonly live_grants: bigint;
  readonly live_owners: bigint;
  readonly owners: bigint;
  readonly requests: bigint;
  readonly cost: bigint;
  readonly simulated_cost: bigint;
  readonly simulated_requests: bigint;
}

export function toClientUsage(row: ClientUsageRow): ClientUsage {
  return {
    liveGrants: Number(row.live_grants),
    liveOwners: Number(row.live_owners),
    owners: Number(row.owners),
    requests: Number(row.requests),
    cost: row.cost,
    simulated: { cost: row.simulated_cost, requests: Number(row.simulated_requests) },
  };
}
