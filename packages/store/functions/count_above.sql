-- Counts an admitted request for the grants above its own. `p_most_groups`: the most groups in which the requests of
-- the last minute are counted.
create or replace function count_above(
  inout p_above grants[], inout p_recent recent_requests[], p_reserved bigint, p_tokens integer, p_is_stream boolean,
  p_most_groups integer
) language plpgsql as $$
declare
  a grants;
  recent recent_requests;
  last integer;
begin
  for k in 1 .. cardinality(p_above) loop
    a := p_above[k];
    recent := p_recent[k];
    a.used_requests := a.used_requests + 1;
    a.held := a.held + p_reserved;
    a.day_cost := a.day_cost + p_reserved;
    a.month_cost := a.month_cost + p_reserved;
    if recent.times is not null then
      last := cardinality(recent.times);
      if last > 0 and recent.counts[last] < ceil(a.max_requests_per_minute::numeric / p_most_groups) then
        recent.times[last] := greatest(recent.times[last], now());
        recent.counts[last] := recent.counts[last] + 1;
      else
        recent.times := recent.times || now();
        recent.counts := recent.counts || 1;
      end if;
      p_recent[k] := recent;
    elsif a.max_requests_per_minute is not null then
      a.bucket_full_at := a.bucket_full_at + request_interval(a.max_requests_per_minute);
    end if;
    if a.max_tokens_per_minute is not null then
      a.tokens_full_at := a.tokens_full_at
        + interval '60 seconds' * least(p_tokens, a.max_tokens_per_minute) / a.max_tokens_per_minute;
    end if;
    if p_is_stream then a.open_streams := a.open_streams + 1; end if;
    p_above[k] := a;
  end loop;
end
$$;
