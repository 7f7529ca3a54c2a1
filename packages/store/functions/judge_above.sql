-- Judges one request for the grants above its own, by the rules of `admit_requests`. The arguments are the locked rows
-- of these grants and their requests of the last minute. `times` is null for a grant whose requests of the last minute
-- are not counted.
-- `total_left`, `day_left`, `month_left`: the least that one of these grants has left; null if none has such a limit.
-- `room`: the least that can still be added to one of their counters. `alone`: the least that would be left without any
-- reservations. `tokens`: the smallest number of tokens that the request takes from the token bucket of one of these
-- grants. `verdict`: the first reason, in the order of `verdicts`, for which one of the grants refuses the request; null
-- if none does. The caller itself checks money, and whether the grants are live. `others_hold`: whether the grant that
-- refuses has other requests in progress.
create or replace function judge_above(
  p_above grants[], p_recent recent_requests[], p_tokens integer, p_is_stream boolean,
  out total_left bigint, out day_left bigint, out month_left bigint, out room bigint, out alone bigint, out tokens integer,
  out verdict text, out retry_after double precision, out others_hold boolean
) language plpgsql stable as $$
declare
  ceiling constant bigint := counter_ceiling();
  verdicts constant text[] := array['request_limit_reached', 'rate_limited', 'token_rate_limited', 'too_many_streams'];
  a grants;
  recent recent_requests;
  total bigint;
  room_of_a bigint;
  share interval;
  -- the position in `verdicts` of this grant's verdict; null if it does not refuse. `first_refusal`: the least position
  -- over the grants so far
  refusal integer;
  first_refusal integer := cardinality(verdicts) + 1;
  wait double precision;
begin
  tokens := p_tokens;
  for k in 1 .. cardinality(p_above) loop
    a := p_above[k];
    recent := p_recent[k];
    room_of_a := least(ceiling - least(a.spent, ceiling) - least(a.held, ceiling), ceiling - a.day_cost, ceiling - a.month_cost);
    total := a.max_cost - least(a.spent, ceiling) - least(a.held, ceiling);
    room := least(room, room_of_a);
    total_left := least(total_left, total);
    day_left := least(day_left, a.max_cost_per_day - a.day_cost);
    month_left := least(month_left, a.max_cost_per_month - a.month_cost);
    alone := least(alone, left_alone(
      least(total, a.max_cost_per_day - a.day_cost, a.max_cost_per_month - a.month_cost, room_of_a), a.held));
    tokens := least(tokens, a.max_tokens_per_minute);
    share := interval '60 seconds' * least(p_tokens, a.max_tokens_per_minute) / a.max_tokens_per_minute;

    wait := null;
    if a.used_requests >= a.max_requests then
      refusal := 1;
    elsif recent.times is not null and (select sum(c) from unnest(recent.counts) as c) >= a.max_requests_per_minute then
      refusal := 2;
      -- the time until enough requests are older than a minute for one more to pass
      wait := (
        select extract(epoch from max(time) + interval '60 seconds' - now()) from (
          select time, sum(count) over (order by ordinal desc) as since
          from unnest(recent.times, recent.counts) with ordinality as r (time, count, ordinal)
        ) s where s.since >= a.max_requests_per_minute
      );
    elsif recent.times is null and a.bucket_full_at - now()
      > (a.max_requests_per_minute / 10 - 1) * request_interval(a.max_requests_per_minute) then
      refusal := 2;
      wait := extract(epoch from a.bucket_full_at - now()
        - (a.max_requests_per_minute / 10 - 1) * request_interval(a.max_requests_per_minute));
    elsif a.tokens_full_at + share - now() > interval '60 seconds' then
      refusal := 3;
      wait := extract(epoch from a.tokens_full_at + share - now() - interval '60 seconds');
    elsif p_is_stream and a.open_streams >= a.max_streams then
      refusal := 4;
    else
      refusal := null;
    end if;
    if refusal < first_refusal or (refusal = first_refusal and wait > retry_after) then
      first_refusal := refusal;
      verdict := verdicts[refusal];
      retry_after := wait;
      others_hold := a.held > 0 or a.open_streams > 0;
    end if;
  end loop;
end
$$;
