-- Repairs a grant whose counters are of a day in the future because the clock was ahead. Recomputes the sums of today
-- and of this month from the ledger and the reservations. Two days or one month ahead can be caused by a time zone and
-- are left unchanged. A bucket is set to be full in a minute at the latest.
create or replace function repair_grant(p_id text) returns void language plpgsql set search_path = public, pg_temp as $$
declare
  g grants;
  today date;
  this_month date;
begin
  select * into g from grants where id = p_id;
  today := (now() at time zone g.time_zone)::date;
  this_month := date_trunc('month', today)::date;
  if not coalesce(g.day > today + 2 or g.month > this_month + interval '1 month', false)
    and not coalesce(greatest(g.bucket_full_at, g.tokens_full_at) > now() + interval '2 minutes', false)
  then
    return;
  end if;
  select * into g from grants where id = p_id for update;
  g.bucket_full_at := least(g.bucket_full_at, now() + interval '1 minute');
  g.tokens_full_at := least(g.tokens_full_at, now() + interval '1 minute');
  if g.day > today + 2 then
    g.day := today;
    g.day_cost := (
      select coalesce(sum(cost), 0) from (
        select cost from ledger where grant_id = p_id and admitted_at > now() - interval '3 days' and day = today
        union all select reserved from reservations where grant_id = p_id and day = today
      ) as of_today
    );
  end if;
  if g.month > this_month + interval '1 month' or g.month > g.day then
    g.month := this_month;
    g.month_cost := (
      select coalesce(sum(cost), 0) from (
        select cost from ledger where grant_id = p_id and admitted_at > now() - interval '33 days' and month = this_month
        union all select reserved from reservations where grant_id = p_id and month = this_month
      ) as of_month
    );
  end if;
  update grants set bucket_full_at = g.bucket_full_at, tokens_full_at = g.tokens_full_at, day = g.day, day_cost = g.day_cost,
    month = g.month, month_cost = g.month_cost
  where id = p_id;
end
$$;
