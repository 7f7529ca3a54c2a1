-- Counts a request for stored objects. It is not admitted and counts towards no limit of requests. Only its rate is
-- limited, by a bucket that holds the requests of a minute: as many as the limit of requests per minute of the grant at
-- the top of the tree, or 600 without such a limit. It is never less than 120, so that a client with a low limit can ask
-- for several running responses every second. All grants of a tree share the bucket.
-- Returns null if the request may pass; otherwise the seconds until it may.
create or replace function take_state_request(p_grant_id text) returns double precision language sql as $$
  with rate as (
    select id, interval '60 seconds' / greatest(120, coalesce(max_requests_per_minute, 600)) as step
    from grants where id = root_of(p_grant_id)
  ), taken as (
    insert into state_requests as s (grant_id, full_at) select id, now() + step from rate
    on conflict (grant_id) do update
      -- a later time than in two minutes was written while the clock was ahead
      set full_at = greatest(case when s.full_at < now() + interval '2 minutes' then s.full_at end, now())
        + (excluded.full_at - now())
      where s.full_at + (excluded.full_at - now()) <= now() + interval '60 seconds'
        or s.full_at >= now() + interval '2 minutes'
    returning 1
  )
  select extract(epoch from coalesce(s.full_at, now() + interval '60 seconds') + step - now() - interval '60 seconds')
  from rate left join state_requests s on s.grant_id = rate.id
  where not exists (select from taken)
$$;
