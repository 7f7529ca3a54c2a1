-- The time in which a bucket is refilled by one request. A full bucket allows a tenth of the limit of requests per
-- minute at once, and the other nine tenths are refilled over each minute.
create or replace function request_interval(p_max_requests_per_minute integer) returns interval
language sql immutable parallel safe as $$
  select interval '60 seconds' / (p_max_requests_per_minute - p_max_requests_per_minute / 10)
$$;
