-- Limits the rate of requests for stored objects. Such requests are not admitted, and count towards no other limit. A
-- bucket holds the requests of a minute: as many as the limit of requests per minute of the grant at the top of the
-- tree, or 600 without such a limit. It holds at least 120, so that a client with a low limit can ask for several
-- running responses every second. All grants of a tree share the bucket.
-- Returns null if the request may pass; otherwise the seconds until it may.
create or replace function take_state_request(p_grant_id text) returns double precision language sql as $$
  with constants as (
    select interval '60 seconds' as period, 600 as usual_requests, 120 as least_requests,
      -- a time that is further ahead was written while the clock was wrong; it is ignored
      now() + interval '2 minutes' as latest
  ), rate as (
    select g.id, c.period, c.latest,
      c.period / greatest(c.least_requests, coalesce(g.max_requests_per_minute, c.usual_requests)) as step
    from constants c join grants g on g.id = root_of(p_grant_id)
  ), taken as (
    insert into state_requests as s (grant_id, full_at) select id, now() + step from rate
    on conflict (grant_id) do update
      set full_at = greatest(case when s.full_at < (select latest from rate) then s.full_at end, now())
        + (excluded.full_at - now())
      where s.full_at + (excluded.full_at - now()) <= now() + (select period from rate)
        or s.full_at >= (select latest from rate)
    returning 1
  )
  select extract(epoch from coalesce(s.full_at, now() + r.period) + r.step - now() - r.period)
  from rate r left join state_requests s on s.grant_id = r.id
  where not exists (select from taken)
$$;
