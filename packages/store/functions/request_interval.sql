-- The time in which one request is added to a bucket. The bucket holds a tenth of the limit of requests per minute, and
-- the other nine tenths are added over each minute.
create or replace function request_interval(p_max_requests_per_minute integer) returns interval
language sql immutable parallel safe as $$
  select interval '60 seconds' / (p_max_requests_per_minute - p_max_requests_per_minute / 10)
$$;
