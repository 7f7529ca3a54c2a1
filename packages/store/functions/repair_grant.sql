-- Repairs a grant whose counters are of a day in the future because the clock was ahead. Recomputes the sums of today
-- and of this month from the ledger and the reservations. Two days or one month ahead can be caused by a time zone and
-- are left unchanged. A bucket is set to be full in a minute at the latest.
-- The grants of a tree are repaired together, by the call for the grant at the top: no grant may be in a later day or
-- month than the grants above it.
create or replace function repair_grant(p_id text) returns void language plpgsql set search_path = public, pg_temp as $$
declare
  ids text[];
  today date;
  this_month date;
begin
  select array_agg(g.id), max((now() at time zone g.time_zone)::date) into ids, today
  from grants g where g.id = p_id or g.id in (select grants_below(p_id));
  this_month := date_trunc('month', today)::date;
  if p_id <> root_of(p_id) or not exists (
    select from grants g where g.id = any (ids) and (g.day > today + 2 or g.month > this_month + interval '1 month'
      or greatest(g.bucket_full_at, g.tokens_full_at) > now() + interval '2 minutes')
  ) then
    return;
  end if;
  perform from grants where id = any (ids) order by id collate "C" for update;
  update grants set bucket_full_at = least(bucket_full_at, now() + interval '1 minute'),
    tokens_full_at = least(tokens_full_at, now() + interval '1 minute')
  where id = any (ids);

  select greatest(today, max(day)) into today from grants where id = any (ids) and day <= today + 2;
  update grants g set day = today, day_cost = (
    select coalesce(sum(cost), 0) from (
      select cost from ledger where grant_id = any (ids) and starts_with(grant_id || '.', g.id || '.')
        and admitted_at > now() - interval '3 days' and day = today
      union all
      select reserved from reservations
      where grant_id = any (ids) and starts_with(grant_id || '.', g.id || '.') and day = today
    ) as of_today
  ) where id = any (ids) and day > today;

  select greatest(this_month, max(month)) into this_month from grants
  where id = any (ids) and month <= this_month + interval '1 month' and month <= day;
  update grants g set month = this_month, month_cost = (
    select coalesce(sum(cost), 0) from (
      select cost from ledger where grant_id = any (ids) and starts_with(grant_id || '.', g.id || '.')
        and admitted_at > now() - interval '33 days' and month = this_month
      union all
      select reserved from reservations
      where grant_id = any (ids) and starts_with(grant_id || '.', g.id || '.') and month = this_month
    ) as of_month
  ) where id = any (ids) and (month > this_month or month > day);
end
$$;
