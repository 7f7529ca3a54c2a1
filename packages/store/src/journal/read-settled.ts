import { sql } from 'kysely';
import { formatArray } from '../database/format-array.js';
import type { Database } from '../database/open-database.js';
import type { OpenRequest } from './read-changes.js';

/** A row of the ledger, and the row as an entry of the journal. */
export interface SettledRow {
  readonly requestId: string;
  readonly admittedAt: string;
  /** Whether the request was admitted a few seconds ago, so that the next batch may find the row again. */
  readonly isRecent: boolean;
  readonly line: string;
}

const isRecent = sql`l.admitted_at > now() - interval '20 seconds' as "isRecent"`;
const entry = sql`jsonb_build_object('kind', 'ledger', 'row', to_jsonb(l))::text`;
const columns = sql`l.request_id as "requestId", l.admitted_at::text as "admittedAt", ${isRecent}, ${entry} as line`;
const pageSize = 5_000;

interface Since {
  /** Only requests that were admitted later. */
  readonly admittedAfter: string;
  /** Only requests that were settled later; undefined: all of them. */
  readonly settledAfter?: string;
}

/**
 * Lists rows of the ledger in the order of their primary key, in parts. Each statement looks at a bounded number of
 * rows, so that it is short, however many of them were settled earlier.
 */
export async function* listSettledSince(
  transaction: Database,
  { admittedAfter, settledAfter = '-infinity' }: Since,
): AsyncGenerator<readonly SettledRow[]> {
  for (let after = { admittedAt: admittedAfter, requestId: '00000000-0000-0000-0000-000000000000' }; ; ) {
    const { rows } = await sql<SettledRow>`
      select l.request_id as "requestId", l.admitted_at::text as "admittedAt", ${isRecent},
        case when l.settled_at > ${settledAfter}::timestamptz then ${entry} else '' end as line
      from ledger l
      where l.admitted_at >= ${after.admittedAt}::timestamptz
        and (l.admitted_at, l.request_id) > (${after.admittedAt}::timestamptz, ${after.requestId}::uuid)
      order by l.admitted_at, l.request_id limit ${pageSize}`.execute(transaction);
    yield rows.filter(({ line }) => line !== '');
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageSize) return;
    after = last;
  }
}

/** The ledger rows of requests that were open before and no longer are, and the corrections of such rows. */
export async function listSettledOf(
  transaction: Database,
  requests: readonly OpenRequest[],
): Promise<readonly SettledRow[]> {
  if (requests.length === 0) return [];
  const { rows } = await sql<SettledRow>`
    select l."requestId", l."admittedAt", l."isRecent", l.line
    from unnest(${formatArray(requests.map(({ requestId }) => requestId))}::uuid[],
      ${formatArray(requests.map(({ admittedAt }) => admittedAt))}::timestamptz[]) as asked (request_id, admitted_at)
    cross join lateral (
      select ${columns} from ledger l
      where l.admitted_at = asked.admitted_at and (l.request_id = asked.request_id or l.corrects = asked.request_id)
      offset 0 -- so that each row is looked up in the index
    ) l`.execute(transaction);
  return rows;
}

/** The corrections that the operator made of the charge of a request. */
export async function listCorrections(
  transaction: Database,
  { grantId, request }: { readonly grantId: string; readonly request: string },
): Promise<readonly SettledRow[]> {
  const { rows } = await sql<SettledRow>`
    select ${columns} from ledger l where l.grant_id = ${grantId} and l.corrects = ${request}::uuid`.execute(
    transaction,
  );
  return rows;
}
