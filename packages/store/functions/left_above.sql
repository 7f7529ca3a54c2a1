-- For each limit: the least that one of the grants above a grant has left. `admit_requests` computes what the grant
-- itself has left.
create or replace function left_above(
  p_above grants[], p_recent recent_requests[], out requests_left bigint, out rate_left integer, out tokens_left integer
) language plpgsql stable as $$
begin
  select min(a.max_requests - a.used_requests),
    min(case when r.times is not null
      then a.max_requests_per_minute - (select coalesce(sum(c), 0) from unnest(r.counts) as c)
      else floor(a.max_requests_per_minute / 10 - coalesce(extract(epoch from a.bucket_full_at - now())
        / nullif(extract(epoch from request_interval(a.max_requests_per_minute)), 0), 0)) end),
    min(floor(a.max_tokens_per_minute * (1 - extract(epoch from a.tokens_full_at - now()) / 60)))
  into requests_left, rate_left, tokens_left
  from unnest(p_above) as a left join unnest(p_recent) as r on r.grant_id = a.id;
end
$$;
