import { type RawBuilder, sql } from 'kysely';

/**
 * SQL: the simulated requests that have ended, as rows with `grant_id`, `account_id`, `client_id`, `upstream`,
 * `model`, `month`, `day`, `cost` and `requests`, for the caller to add up. For some time after an upgrade, earlier
 * requests are missing, until `add_up_usage` has added them up.
 * @param condition a condition on these columns. It is repeated for each table
 */
export function simulatedUsage(condition: RawBuilder<unknown>) {
  return sql`(
    select grant_id, account_id, client_id, upstream, model, month, day, simulated_cost as cost,
      simulated_requests as requests
    from usage_days where (simulated_cost <> 0 or simulated_requests <> 0) and ${condition}
    union all
    select grant_id, account_id, client_id, upstream, model, month, day, cost, requests
    from usage_recent where provider_key = 'simulated' and ${condition}
  )`;
}
