import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { isLive } from '../live-grants.js';

/** A response that the AI provider continues to produce without a connection. */
export interface BackgroundResponse {
  /** The id of the request that began the response, and of the request's reservation. */
  readonly requestId: string;
  readonly grantId: string;
  readonly accountId: string;
  readonly upstream: string;
  readonly responseId: string;
  /** The maximum usage of the response and its reservation, as JSON. */
  readonly quote: unknown;
}

/** A response whose cost is not known yet. */
export interface OpenBackgroundResponse extends BackgroundResponse {
  /** The seconds since the response was recorded, by the database's clock. */
  readonly ageSeconds: number;
  /** Whether the grant is live, so that the response may continue. */
  readonly isGrantActive: boolean;
}

/**
 * Separates a request's reservation from this process, so that the reservation stays when the process ends. Repeating
 * the call changes nothing.
 */
export async function keepInBackground(
  db: Database,
  { requestId, grantId, accountId, upstream, responseId, quote }: BackgroundResponse,
  firstCheckSeconds: number,
): Promise<void> {
  await sql`
    select keep_in_background(${requestId}::uuid, ${grantId}, ${accountId}, ${upstream}, ${responseId},
      ${JSON.stringify(quote)}::jsonb, make_interval(secs => ${firstCheckSeconds}))`.execute(db);
}

/**
 * The checks of a response become rarer. The next check comes after a quarter of the response's age, but not earlier
 * than after two seconds and not later than after a minute.
 */
const nextCheck = sql`now() + least(interval '1 minute', greatest(interval '2 seconds', (now() - b.created_at) / 4))`;

/**
 * Claims responses that are due for a check. Responses of ended grants are claimed at once, without waiting until they
 * are due. A claim lasts until the next check is due. So when a process dies, another process repeats its checks.
 */
export async function claimBackgroundResponses(
  db: Database,
  limit: number,
): Promise<readonly OpenBackgroundResponse[]> {
  const { rows } = await sql<OpenRow>`
    with due as materialized (
      select b.request_id from background_responses b
      where b.check_at <= now() or (b.checks >= 0 and not exists (
        select from grants g where g.id = b.grant_id and ${isLive('g')}
      ))
      order by b.check_at limit ${limit} for update of b skip locked
    ), claimed as (
      update background_responses b
      set check_at = ${nextCheck},
        -- negative: an earlier check has seen the end of the grant, so the next check waits until it is due
        checks = case when g.id is null then -abs(b.checks) - 1 else abs(b.checks) + 1 end
      from due left join background_responses d on d.request_id = due.request_id
        left join grants g on g.id = d.grant_id and ${isLive('g')}
      where b.request_id = due.request_id
      returning b.request_id, b.grant_id, b.account_id, b.upstream, b.response_id, b.quote, b.created_at
    )
    select ${openColumns} from claimed b left join grants g on g.id = b.grant_id`.execute(db);
  return rows.map(toOpen);
}

/** Finds a response of a grant, if its cost is not known yet. */
export async function findBackgroundResponse(
  db: Database,
  { grantId, upstream, responseId }: Pick<BackgroundResponse, 'grantId' | 'upstream' | 'responseId'>,
): Promise<OpenBackgroundResponse | undefined> {
  const { rows } = await sql<OpenRow>`
    select ${openColumns} from background_responses b left join grants g on g.id = b.grant_id
    where b.grant_id = ${grantId} and b.upstream = ${upstream} and b.response_id = ${responseId}`.execute(db);
  const row = rows[0];
  return row && toOpen(row);
}

/** Called after the response was settled. */
export async function deleteBackgroundResponse(
  db: Database,
  { requestId, grantId }: Pick<BackgroundResponse, 'requestId' | 'grantId'>,
): Promise<void> {
  await sql`
    delete from background_responses where request_id = ${requestId}::uuid and grant_id = ${grantId}`.execute(db);
}

interface OpenRow {
  request_id: string;
  grant_id: string;
  account_id: string;
  upstream: string;
  response_id: string;
  quote: unknown;
  age_seconds: number;
  is_grant_active: boolean;
}

const openColumns = sql`b.request_id, b.grant_id, b.account_id, b.upstream, b.response_id, b.quote,
  extract(epoch from now() - b.created_at)::double precision as age_seconds,
  coalesce(${isLive('g')}, false) as is_grant_active`;

function toOpen(row: OpenRow): OpenBackgroundResponse {
  return {
    requestId: row.request_id,
    grantId: row.grant_id,
    accountId: row.account_id,
    upstream: row.upstream,
    responseId: row.response_id,
    quote: row.quote,
    ageSeconds: row.age_seconds,
    isGrantActive: row.is_grant_active,
  };
}
