import { limitTable, type UsdCounter, usdKinds } from '@aipassport/policy';
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { endChosenAt, isLive, isMadeByOwner } from '../live-grants.js';
import { insertNotice } from './insert-mail.js';
import type { ChosenNotice, MailDetails } from './mail-kinds.js';

/** A notice that its owner has not been sent yet. */
export type NoticeCandidate = { [Kind in CheckedKind]: CandidateOf<Kind> }[CheckedKind];

/**
 * The kinds of notices that no request to the authorization server causes. The server finds their causes by reading
 * tables.
 */
type CheckedKind = Exclude<ChosenNotice, 'new_app'>;

interface CandidateOf<Kind extends CheckedKind> {
  readonly accountId: string;
  readonly kind: Kind;
  /** Identifies the cause of the notice. Only one notice is sent for one cause within the days of `quietDays`. */
  readonly notice: string;
  readonly detail: MailDetails[Kind];
}

/** For how many days a notice is not repeated, counted from the notice. */
const quietDays: Readonly<Record<CheckedKind, number>> = { budget: 400, key_refused: 7, access_ends: 400 };

/** @returns true for one server in each interval: that server searches for notices */
export async function claimNoticeCheck(db: Database, intervalSeconds: number): Promise<boolean> {
  const { rows } = await sql`
    insert into notice_checks as c (name) values ('owners')
    on conflict (name) do update set began_at = now()
      -- an instant in the future was written while the clock was wrong
      where c.began_at not between now() - make_interval(secs => ${intervalSeconds}) and now()
    returning 1`.execute(db);
  return rows.length > 0;
}

export interface CandidatePage {
  readonly candidates: readonly NoticeCandidate[];
  /** The last account of this page, after which the next page begins; undefined when this is the last page. */
  readonly last: string | undefined;
}

/**
 * For each counter of money of a grant `g`: its period, what is spent, and the present period's start. The counters of
 * day and month include reservations, whose sums are in `r`.
 */
const periods: Readonly<Record<UsdCounter, RawBuilder<unknown>>> = {
  cost: sql`'total', g.spent, ''`,
  day: sql`'day', g.day_cost - r.day, case when g.day >= g.today then g.day::text end`,
  month: sql`'month', g.month_cost - r.month,
    case when g.month >= date_trunc('month', g.today)::date then g.month::text end`,
};
const budgetsOfGrant = usdKinds
  .map((kind) => limitTable[kind])
  .map(({ usage, column }) => sql`(${periods[usage]}, ${sql.ref(`g.${column}`)})`);

/**
 * Lists what the owners of some accounts are to be told and have not been told yet: budgets that are used to 80 % or
 * completely, provider keys that were refused in the last day, and access that ends within three days, if it was given
 * for more than seven days. Only accounts with a confirmed e-mail address are read, a page at a time, so that no
 * statement reads a whole table.
 *
 * The cost of a request is not known exactly in advance, so requests are refused before a budget is spent to the last
 * cent. Therefore a budget counts as used up when less than a hundredth is left. Budgets of grants that were not used
 * in the last hour are left out. Reserved money does not count, because it may be released.
 */
export async function listNoticeCandidates(
  db: Database,
  { after, most }: { readonly after: string; readonly most: number },
): Promise<CandidatePage> {
  const { rows } = await sql<{ last: string | null; candidates: readonly NoticeCandidate[] }>`
    with page as materialized (
      select a.id, m.muted from account_mail m
      join accounts a on a.id = m.account_id and a.email = m.confirmed_email and a.disabled_at is null
      where m.account_id > ${after} order by m.account_id limit ${most}
    ), live as materialized (
      select g.*, c.name as app, page.muted, (now() at time zone g.time_zone)::date as today
      from page join grants g on g.account_id = page.id join clients c on c.id = g.client_id
      where ${isLive('g')} and ${isMadeByOwner('g')}
    ), open as materialized (
      select r.account_id, r.grant_id, r.reserved, r.day, r.month from page join reservations r on r.account_id = page.id
    ), budgets as (
      select g.account_id, g.muted, g.app, g.id as grant_id, b.*
      from live g
      cross join lateral (
        select coalesce(sum(reserved) filter (where o.day = g.day), 0) as day,
          coalesce(sum(reserved) filter (where o.month = g.month), 0) as month
        -- a reservation counts for the grants above its own too
        from open o where g.id = any (with_ancestors(array[o.grant_id]))
      ) as r
      cross join lateral (values ${sql.join(budgetsOfGrant)}) as b (period, used, since, most)
      where g.last_used_at > now() - interval '1 hour'
      union all
      select page.id, page.muted, null, null, 'month',
        l.month_cost - (select coalesce(sum(reserved), 0) from open o where o.account_id = page.id and o.month = l.month),
        l.month::text, l.max_cost_per_month
      from page join account_limits l on l.account_id = page.id
      where l.month >= date_trunc('month', now() at time zone l.time_zone)::date
    ), found as (
      select account_id, muted, 'budget' as kind,
        concat_ws(':', 'budget', coalesce(grant_id, 'all'), period, since, level) as notice,
        jsonb_build_object('app', app, 'grantId', grant_id, 'period', period, 'level', level, 'used', used::text,
          'limit', most::text) as detail
      from budgets b cross join lateral (
        select case when b.used > b.most - greatest(b.most / 100, 1) then 100 else 80 end as level
      ) as l
      where b.most is not null and b.since is not null and b.used >= b.most / 5 * 4
      union all
      select page.id, page.muted, 'key_refused', concat_ws(':', 'key_refused', r.provider_key_id),
        jsonb_build_object('upstream', r.upstream)
      from page join provider_key_refusals r on r.account_id = page.id
      join provider_keys k on k.id = r.provider_key_id
      where r.refused_at > now() - interval '1 day'
      union all
      select g.account_id, g.muted, 'access_ends', concat_ws(':', 'access_ends', g.id, extract(epoch from g.expires_at)),
        jsonb_build_object('app', g.app, 'grantId', g.id, 'endsAt', g.expires_at)
      from live g
      -- an owner who gave access for a few days expects its end
      where g.expires_at < now() + interval '3 days' and g.expires_at > ${endChosenAt('g')} + interval '7 days'
    )
    select (select max(id) from page having count(*) = ${most}) as last, coalesce(jsonb_agg(jsonb_build_object(
      'accountId', f.account_id, 'kind', f.kind, 'notice', f.notice, 'detail', f.detail)), '[]') as candidates
    from found f
    where not f.kind = any (f.muted) and not exists (
      select from sent_notices s where s.account_id = f.account_id and s.notice = f.notice
    )`.execute(db);
  return { candidates: rows[0]?.candidates ?? [], last: rows[0]?.last ?? undefined };
}

/**
 * Tells an owner once, even if several servers try at the same time. The notice can be sent again when the cleaning has
 * removed its row.
 */
export async function sendNotice(db: Database, { accountId, kind, notice, detail }: NoticeCandidate): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    const { rows } = await sql`
      insert into sent_notices (account_id, notice, expires_at)
      select id, ${notice}, now() + make_interval(days => ${quietDays[kind]}) from accounts where id = ${accountId}
      on conflict do nothing returning 1`.execute(transaction);
    if (rows.length > 0) await insertNotice(transaction, { accountId, kind, detail });
  });
}
