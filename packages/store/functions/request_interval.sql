-- Above a tenth of a limit of requests per minute, which is a burst, this time passes for each further request.
create or replace function request_interval(p_max_requests_per_minute integer) returns interval
language sql immutable parallel safe as $$
  select interval '60 seconds' / (p_max_requests_per_minute - p_max_requests_per_minute / 10)
$$;
