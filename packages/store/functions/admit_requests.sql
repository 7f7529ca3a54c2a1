-- Decides a batch of requests, one after the other, on the locked rows of their grants. It checks the state, the number
-- of requests, the rate, tokens, streams and money. An admitted request's reservation is written in the same
-- transaction; the caller sends nothing upstream before this transaction has committed. Items are sorted by grant;
-- `p_ends[n]` is the index of the last item of grant n. Locks are taken in one order everywhere: account limits by id,
-- then grants by id, then the operator's spending.
-- `p_operator_upstreams`: the upstreams for which the caller has a provider key of the operator. `uses_operator_key`:
-- the account has no provider key of its own for that upstream at this instant. Only such a request is sent with the
-- operator's provider key, and only such a request counts towards the operator's caps. It is counted even if there is
-- no cap, so that the operator sees the spending, and a later cap counts the whole month. The caller's caps
-- (`p_operator_max`, `p_operator_max_per_account`) are those of its environment. `operator_caps` and
-- `account_operator_caps` can only lower them. A change of these applies to every request that is admitted afterwards.
-- Money: a request gets its estimate if that fits. If it does not fit, the request gets half of what is left, or a
-- smaller part if the same batch has more requests of its grant. This leaves room for other requests.
-- `p_shares`: the least that a request is given while other requests have reservations of the same budget. A small
-- budget lowers this: the least is never more than half of what the budget would have left without these reservations,
-- or the request's floor (`p_floors`), whichever is greater. If no other request has a reservation, the request may get
-- all that is left, and is refused only if less than its floor is left. `p_open`: the request has no output limit of
-- its own, so it leaves room for other requests of its grant even if its estimate fits. `p_patient`: the caller repeats
-- the request soon. Such a request is refused if it would get more without the reservations of other requests. No
-- budget refuses a request that costs nothing.
-- `p_proofs`: for each request the hash of its DPoP proof, or null. The array is null if no request has a proof. Only
-- the first request with a proof may use it, whatever the verdict on that request is.
-- Returns a row for each item whose grant exists. `verdict` is `admitted` or the reason of the refusal. `reserved` is
-- the reservation, never less than the floor. `others_hold`: the request is refused only because of other requests in
-- progress. If a budget is the reason, its floor would fit without their reservations. `retry_after` is in seconds. If
-- a budget refuses a request, `retry_after` estimates how long other requests will still run: the time since the
-- grant's last admission, but at most 20 seconds. If the grant itself has no reservation, the estimate is 5 seconds. A
-- request of a grant with a parent is admitted only if all grants above it admit it too, and it counts for each of
-- them. The columns `..._left` are then the least over the grant and all grants above it. The account and the operator
-- count the request once.
create or replace function admit_requests(
  p_replica_id text, p_catalogue_version text,
  p_grant_ids text[], p_ends integer[],
  p_account_ids text[],
  p_request_ids uuid[], p_estimates bigint[], p_shares bigint[], p_floors bigint[],
  p_open boolean[], p_patient boolean[], p_tokens integer[], p_streams boolean[],
  p_upstreams text[], p_models text[], p_operations text[],
  p_operator_upstreams text[], p_operator_max bigint, p_operator_max_per_account bigint,
  p_proofs text[]
) returns table (
  item integer, account_id text, upstream text, verdict text, others_hold boolean, reserved bigint,
  retry_after double precision, requests_left bigint, cost_left bigint, rate_left integer, tokens_left integer,
  uses_operator_key boolean
) language plpgsql as $$
#variable_conflict use_column
declare
  ceiling constant bigint := counter_ceiling();
  -- Up to this limit of requests per minute, requests are counted one by one or in small groups, so that a burst may
  -- use the whole limit. For a higher limit there is a bucket, because it takes less work. The bucket holds a tenth of
  -- the limit, and the other nine tenths are added over each minute.
  most_counted constant integer := 600;
  most_groups constant integer := 120;
  g grants;
  account account_limits;
  locked_accounts text[];
  is_account_busy boolean;
  is_counted boolean;
  may_use_operator_key boolean := coalesce(p_operator_upstreams && p_upstreams, false);
  operator_max bigint;
  operator_max_per_account bigint;
  -- the operator's cap of the account of g
  own_max bigint;
  everybody operator_spending;
  own operator_spending;
  -- whether some grant has a parent
  has_trees boolean := position('.' in array_to_string(p_grant_ids, ' ')) > 0;
  -- the given grants and all above them
  chains text[] := case when has_trees then with_ancestors(p_grant_ids) else p_grant_ids end;
  -- the grants above g, from the top, with their present counters, and their requests of the last minute
  above grants[] := '{}';
  above_recent recent_requests[] := '{}';
  recent_of_g recent_requests;
  above_admits boolean[] := '{}';
  depth integer := 0;
  -- the result of `judge_above` for a request; null if there are no grants above
  judged record;
  total_above bigint;
  day_above bigint;
  month_above bigint;
  room_above bigint;
  verdict_above text;
  left_of_above record;
  n integer;
  today date;
  this_month date;
  -- the bucket: how many requests it holds, and the time in which one is added
  burst integer;
  request_interval interval;
  times timestamptz[];
  counts integer[];
  recent integer;
  recent_left integer;
  first integer;
  share_interval interval;
  token_share integer;
  room bigint;
  operator_left bigint;
  -- how many requests of the grant are still to be judged in this batch, including the present one
  asking integer;
  grant_left bigint;
  available bigint;
  -- without any reservations: the amount that would be available, and the amount that the request would get
  available_alone bigint;
  alone bigint;
  account_held bigint;
  -- the request is refused if a budget has less than this
  needed bigint;
  falls_short boolean;
  admits boolean;
  new_proofs integer;
  -- the requests whose proof another request has brought already
  replays uuid[] := '{}';
  -- for each request, once it is admitted: its grant, its reservation, its tokens and the month of the operator's
  -- spending. The other columns of the reservation are in the parameters and in the grant.
  grant_ids text[] := array_fill(null::text, array[cardinality(p_request_ids)]);
  amounts bigint[] := array_fill(null::bigint, array[cardinality(p_request_ids)]);
  token_shares integer[] := array_fill(null::integer, array[cardinality(p_request_ids)]);
  operator_months date[] := array_fill(null::date, array[cardinality(p_request_ids)]);
  changed grants[] := '{}';
  changed_recent recent_requests[] := '{}';
begin
  -- The replica's row is not locked. If a request is admitted while the lease is being ended, the next sweep finds the
  -- request.
  if not exists (select from replicas where id = p_replica_id and lease_until > now()) then
    raise exception 'the lease of this replica has ended' using errcode = 'AP001';
  end if;
  uses_operator_key := false;
  if p_proofs is not null then
    -- The proofs are inserted in one order, so that two batches with the same proofs cannot deadlock. A concurrent
    -- request with the same proof waits here until this transaction ends.
    insert into used_proofs (proof_hash, request_id)
    select o.proof, o.request_id from unnest(p_proofs, p_request_ids) as o (proof, request_id)
    where o.proof is not null order by o.proof collate "C"
    on conflict do nothing;
    get diagnostics new_proofs = row_count;
    if new_proofs < cardinality(array_remove(p_proofs, null)) then
      -- a new statement, because it also sees what was committed after the insert began
      select coalesce(array_agg(o.request_id), '{}') into replays
      from unnest(p_proofs, p_request_ids) as o (proof, request_id)
      join used_proofs u on u.proof_hash = o.proof
      where u.request_id <> o.request_id;
    end if;
  end if;
  select array_agg(l.account_id) into locked_accounts from (
    select account_id from account_limits where account_id = any (p_account_ids) order by account_id collate "C" for update
  ) l;
  if may_use_operator_key then
    perform from grants where id = any (chains) order by id collate "C" for update;
  end if;

  for g in select * from grants where id = any (chains) order by id collate "C" for update loop
    n := array_position(p_grant_ids, g.id);
    admits := false;
    if has_trees then
      while depth > 0 and not starts_with(g.id, above[depth].id || '.') loop
        if above_admits[depth] then
          changed := changed || above[depth];
          changed_recent := changed_recent || above_recent[depth];
        end if;
        depth := depth - 1;
        above := above[:depth];
        above_recent := above_recent[:depth];
        above_admits := above_admits[:depth];
      end loop;
      -- a grant is skipped if a grant above it does not exist
      continue when depth + 1 < cardinality(string_to_array(g.id, '.'));
      if depth = 0 then
        total_above := null;
        day_above := null;
        month_above := null;
        room_above := null;
        verdict_above := null;
      else
        -- A grant is not live unless all grants above it are. These two columns are not written back.
        if above[depth].status <> 'active' then g.status := above[depth].status; end if;
        g.expires_at := least(g.expires_at, above[depth].expires_at);
        -- a grant has the day and month of the grants above it, so that a request counts in the same period for all
        if g.day is null or g.day < above[depth].day then
          g.day := above[depth].day;
          g.day_cost := 0;
        end if;
        if g.month is null or g.month < above[depth].month then
          g.month := above[depth].month;
          g.month_cost := 0;
        end if;
      end if;
    end if;
    today := (now() at time zone g.time_zone)::date;
    -- The day never goes back: a new time zone may turn today into yesterday, and yesterday's counter no longer exists.
    if g.day is null or g.day < today then
      g.day := today;
      g.day_cost := 0;
    end if;
    this_month := date_trunc('month', today)::date;
    if g.month is null or g.month < this_month then
      g.month := this_month;
      g.month_cost := 0;
    end if;
    is_counted := coalesce(g.max_requests_per_minute <= most_counted, false);
    if is_counted then
      select r.times, r.counts into times, counts from recent_requests r where r.grant_id = g.id;
      -- times in the future were written while the clock was ahead; they do not count
      if times is null or times[cardinality(times)] > now() + interval '10 seconds' then
        times := '{}';
        counts := '{}';
      end if;
      first := 1;
      while times[first] <= now() - interval '60 seconds' loop first := first + 1; end loop;
      if first > 1 then
        times := times[first:];
        counts := counts[first:];
      end if;
      select coalesce(sum(c), 0) into recent from unnest(counts) as c;
    elsif g.max_requests_per_minute is not null then
      -- the time at which the bucket is full lies between now and one minute from now
      g.bucket_full_at := least(greatest(g.bucket_full_at, now()), now() + interval '60 seconds');
      burst := g.max_requests_per_minute / 10;
      request_interval := request_interval(g.max_requests_per_minute);
    end if;
    if g.max_tokens_per_minute is not null then
      g.tokens_full_at := least(greatest(g.tokens_full_at, now()), now() + interval '60 seconds');
    end if;
    is_account_busy := false;
    select * into account from account_limits where account_id = g.account_id;
    if found and g.account_id <> all (coalesce(locked_accounts, '{}')) then
      -- The limit was set after the check at the beginning. Waiting for its lock now would break the lock order and
      -- could deadlock.
      select * into account from account_limits where account_id = g.account_id for update skip locked;
      is_account_busy := not found;
    end if;
    if account.month < date_trunc('month', now() at time zone account.time_zone)::date then
      account.month := date_trunc('month', now() at time zone account.time_zone)::date;
      account.month_cost := 0;
    end if;
    -- The account's counter may already be in a later month than the grant's, after a change of the time zone or if the
    -- grant was not used meanwhile. The grant then moves to that month, so that a request counts in one month for both.
    if g.month < account.month then
      g.month := account.month;
      g.month_cost := 0;
    end if;
    own := null;
    -- counters are not negative, so the difference of two cannot overflow
    room := least(ceiling - least(g.spent, ceiling) - least(g.held, ceiling), ceiling - g.day_cost, ceiling - g.month_cost,
      ceiling - account.month_cost);

    -- if the batch has no request for this grant itself, only for grants below it, the loop does not run
    for i in case coalesce(n, 1) when 1 then 1 else p_ends[n - 1] + 1 end .. coalesce(p_ends[n], 0) loop
      retry_after := null;
      -- a request that may use more tokens than the limit takes a full bucket, so it passes when the bucket is full
      token_share := least(p_tokens[i], g.max_tokens_per_minute);
      -- the division comes last, because one token may take less than a microsecond, the smallest interval
      share_interval := interval '60 seconds' * token_share / g.max_tokens_per_minute;
      grant_left := least(g.max_cost - least(g.spent, ceiling) - least(g.held, ceiling), g.max_cost_per_day - g.day_cost,
        g.max_cost_per_month - g.month_cost);
      cost_left := least(grant_left, account.max_cost_per_month - account.month_cost);
      if depth > 0 then
        judged := judge_above(above, above_recent, p_tokens[i], p_streams[i]);
        total_above := judged.total_left;
        day_above := judged.day_left;
        month_above := judged.month_left;
        room_above := judged.room;
        verdict_above := judged.verdict;
        cost_left := least(cost_left, total_above, day_above, month_above);
      end if;
      if p_upstreams[i] = any (p_operator_upstreams) then
        uses_operator_key := not exists (
          select from provider_keys k where k.account_id = g.account_id and k.upstream = p_upstreams[i]
        );
        operator_left := null;
        if uses_operator_key then
          if everybody.account_id is null then
            -- All requests share this row. It is locked after all grants, so it is locked only for a short time.
            everybody := lock_operator_spending('', date_trunc('month', now() at time zone 'UTC')::date);
            -- The caps are read after the row is locked, so that a request that waited for it obeys a cap that was
            -- lowered meanwhile. A change of the caps waits until this transaction ends (`lockOperatorCaps`), so no
            -- request is admitted by the earlier caps after the change.
            perform pg_advisory_xact_lock_shared(hashtext('aipassport operator caps'));
            select least(p_operator_max, c.max_cost_per_month), c.max_cost_per_month_per_account
            into operator_max, operator_max_per_account
            from (select) one left join operator_caps c on true;
          end if;
          if own.account_id is null then
            own := lock_operator_spending(g.account_id, everybody.month);
            own_max := least(p_operator_max_per_account, coalesce((
              select c.max_cost_per_month from account_operator_caps c where c.account_id = g.account_id
            ), operator_max_per_account));
          end if;
          operator_left := least(operator_max - everybody.cost, own_max - own.cost,
            ceiling - everybody.cost, ceiling - everybody.held, ceiling - own.cost, ceiling - own.held);
        end if;
      elsif uses_operator_key then
        uses_operator_key := false;
        operator_left := null;
      end if;
      asking := p_ends[n] - i + 1;
      available := least(cost_left, room, room_above, operator_left);
      reserved := p_estimates[i];
      falls_short := false;
      -- each request of a tree counts for the grant at its top
      if reserved > 0 and (reserved > available
        or (p_open[i] and (g.held > 0 or asking > 1 or (depth > 0 and above[1].held > 0)))) then
        account_held := case when depth > 0 then above[1].held else g.held end;
        if account.max_cost_per_month - account.month_cost < reserved then
          -- Only the account's newest hundred grants are read, because that is fast. The requests of this batch are
          -- added, because they are not written yet.
          select least(account_held + coalesce(sum(o.held), 0), ceiling) into account_held from (
            (
              select held from grants where account_id = g.account_id and position('.' in id) = 0 and id <> root_of(g.id)
              order by created_at desc limit 100
            )
            union all
            select a.amount from unnest(grant_ids, amounts) as a (grant_id, amount) join grants on grants.id = a.grant_id
            where grants.account_id = g.account_id and root_of(a.grant_id) <> root_of(g.id)
          ) o;
        end if;
        available_alone := least(left_alone(least(grant_left, room), g.held),
          left_alone(account.max_cost_per_month - account.month_cost, account_held));
        if depth > 0 then available_alone := least(available_alone, judged.alone); end if;
        if operator_left is not null then
          available_alone := least(available_alone, left_alone(operator_max - everybody.cost, everybody.held),
            left_alone(own_max - own.cost, own.held));
        end if;
        alone := least(p_estimates[i], case
          when p_estimates[i] <= available_alone and (asking = 1 or not p_open[i]) then p_estimates[i]
          -- no second request would fit, so this request gets everything
          when asking = 1 and available_alone / 2 < p_shares[i] then available_alone
          else greatest(available_alone / (asking + 1), least(p_shares[i], available_alone)) end);
        if available = available_alone then
          reserved := alone;
          needed := p_floors[i];
          falls_short := reserved < needed;
        else
          if reserved > available or p_open[i] then
            reserved := least(reserved, greatest(available / (asking + 1),
              least(p_shares[i], greatest(available_alone / 2, p_floors[i]))));
          end if;
          needed := case when p_patient[i] then greatest(reserved, alone) else reserved end;
          falls_short := needed > least(reserved, available);
        end if;
      end if;
      if g.status <> 'active' then
        verdict := 'revoked';
      elsif g.expires_at <= now() then
        verdict := 'expired';
      elsif p_request_ids[i] = any (replays) then
        verdict := 'proof_used';
      elsif g.used_requests >= coalesce(g.max_requests, ceiling) or verdict_above = 'request_limit_reached' then
        verdict := 'request_limit_reached';
      elsif is_account_busy and reserved > 0 then
        verdict := 'account_budget_exhausted';
      elsif falls_short then
        verdict := case
          when least(g.max_cost - least(g.spent, ceiling) - least(g.held, ceiling), room, total_above, room_above) < needed
            then 'budget_exhausted'
          when least(g.max_cost_per_month - g.month_cost, month_above) < needed then 'month_budget_exhausted'
          when least(g.max_cost_per_day - g.day_cost, day_above) < needed then 'day_budget_exhausted'
          when account.max_cost_per_month - account.month_cost < needed then 'account_budget_exhausted'
          when operator_left < needed then 'operator_budget_exhausted'
          -- this is a patient request that would get more without the reservations of other requests
          else 'budget_exhausted' end;
      elsif is_counted and recent >= g.max_requests_per_minute then
        verdict := 'rate_limited';
        -- the time until enough requests are older than a minute for one more to pass
        recent_left := recent;
        first := 0;
        while recent_left >= g.max_requests_per_minute loop
          first := first + 1;
          recent_left := recent_left - counts[first];
        end loop;
        retry_after := extract(epoch from times[first] + interval '60 seconds' - now());
      elsif not is_counted and g.bucket_full_at - now() > (burst - 1) * request_interval then
        verdict := 'rate_limited';
        retry_after := extract(epoch from g.bucket_full_at - now() - (burst - 1) * request_interval);
      elsif g.tokens_full_at + share_interval - now() > interval '60 seconds' then
        verdict := 'token_rate_limited';
        retry_after := extract(epoch from g.tokens_full_at + share_interval - now() - interval '60 seconds');
      elsif p_streams[i] and g.open_streams >= coalesce(g.max_streams, 2147483647) then
        verdict := 'too_many_streams';
      elsif verdict_above is not null then
        verdict := verdict_above;
        retry_after := judged.retry_after;
      else
        verdict := 'admitted';
        admits := true;
        g.used_requests := g.used_requests + 1;
        g.held := g.held + reserved;
        g.day_cost := g.day_cost + reserved;
        g.month_cost := g.month_cost + reserved;
        cost_left := cost_left - reserved;
        room := room - reserved;
        account.month_cost := account.month_cost + reserved;
        if operator_left is not null then
          everybody.cost := everybody.cost + reserved;
          everybody.held := everybody.held + reserved;
          own.cost := own.cost + reserved;
          own.held := own.held + reserved;
          operator_months[i] := everybody.month;
        end if;
        if is_counted then
          recent := recent + 1;
          first := cardinality(times);
          if first > 0 and counts[first] < ceil(g.max_requests_per_minute::numeric / most_groups) then
            times[first] := greatest(times[first], now());
            counts[first] := counts[first] + 1;
          else
            times := times || now();
            counts := counts || 1;
          end if;
        elsif g.max_requests_per_minute is not null then
          g.bucket_full_at := g.bucket_full_at + request_interval;
        end if;
        if g.max_tokens_per_minute is not null then g.tokens_full_at := g.tokens_full_at + share_interval; end if;
        if p_streams[i] then g.open_streams := g.open_streams + 1; end if;
        if depth > 0 then
          select c.p_above, c.p_recent into above, above_recent
          from count_above(above, above_recent, reserved, p_tokens[i], p_streams[i], most_groups) c;
          above_admits := array_fill(true, array[depth]);
          -- The settlement gives unused tokens back to every bucket, so `token_share` must not exceed what each bucket
          -- gave.
          token_share := least(token_share, judged.tokens);
        end if;
        grant_ids[i] := g.id;
        amounts[i] := reserved;
        token_shares[i] := token_share;
      end if;
      item := i;
      others_hold := false;
      if verdict in ('too_many_streams', 'token_rate_limited') then
        others_hold := g.held > 0 or g.open_streams > 0;
        if verdict = verdict_above then others_hold := judged.others_hold; end if;
      elsif is_account_busy and verdict = 'account_budget_exhausted' then
        others_hold := true;
      elsif falls_short then
        others_hold := available_alone >= p_floors[i];
        -- the estimate uses the last admission of this grant; if only other grants have reservations, it is 5 seconds
        retry_after := case when g.held > 0
          then extract(epoch from now() - greatest(least(g.last_used_at, now()), now() - interval '20 seconds')) else 5 end;
      end if;
      account_id := g.account_id;
      upstream := p_upstreams[i];
      requests_left := g.max_requests - g.used_requests;
      -- the interval would be 0 if it were less than a microsecond, the smallest interval
      rate_left := case when is_counted then g.max_requests_per_minute - recent else floor(burst
        - coalesce(extract(epoch from g.bucket_full_at - now()) / nullif(extract(epoch from request_interval), 0), 0)) end;
      tokens_left := floor(g.max_tokens_per_minute * (1 - extract(epoch from g.tokens_full_at - now()) / 60));
      if depth > 0 then
        left_of_above := left_above(above, above_recent);
        requests_left := least(requests_left, left_of_above.requests_left);
        rate_left := least(rate_left, left_of_above.rate_left);
        tokens_left := least(tokens_left, left_of_above.tokens_left);
      end if;
      return next;
    end loop;

    if has_trees then
      depth := depth + 1;
      above[depth] := g;
      recent_of_g.grant_id := g.id;
      recent_of_g.times := case when is_counted then times end;
      recent_of_g.counts := case when is_counted then counts end;
      above_recent[depth] := recent_of_g;
      above_admits[depth] := admits;
    elsif admits then
      changed := changed || g;
      if is_counted then
        insert into recent_requests (grant_id, times, counts) values (g.id, times, counts)
        on conflict (grant_id) do update set times = excluded.times, counts = excluded.counts;
      end if;
    end if;
    if admits then
      if account.account_id is not null then
        update account_limits set month = account.month, month_cost = account.month_cost
        where account_id = account.account_id;
      end if;
      if own.account_id is not null then
        update operator_spending set month = own.month, cost = own.cost, held = own.held where account_id = own.account_id;
      end if;
    end if;
  end loop;

  if has_trees then
    for k in 1 .. depth loop
      continue when not above_admits[k];
      changed := changed || above[k];
      changed_recent := changed_recent || above_recent[k];
    end loop;
    insert into recent_requests (grant_id, times, counts)
    select grant_id, times, counts from unnest(changed_recent) where times is not null
    on conflict (grant_id) do update set times = excluded.times, counts = excluded.counts;
  end if;
  -- one statement for all grants, because a statement for each would take longer than everything above
  update grants set used_requests = c.used_requests, held = c.held, day = c.day, day_cost = c.day_cost, month = c.month,
    month_cost = c.month_cost, bucket_full_at = c.bucket_full_at, tokens_full_at = c.tokens_full_at,
    open_streams = c.open_streams, last_used_at = now()
  from unnest(changed) as c where grants.id = c.id;
  insert into reservations (request_id, replica_id, grant_id, account_id, admitted_at, reserved, estimate, tokens,
    is_stream, day, month, client_id, upstream, model, operation, catalogue_version, operator_month, is_simulated)
  select a.request_id, p_replica_id, c.id, c.account_id, now(), a.amount, a.estimate, a.tokens,
    a.is_stream, c.day, c.month, c.client_id, a.upstream, a.model, a.operation, p_catalogue_version, a.operator_month, false
  from unnest(grant_ids, p_request_ids, amounts, p_estimates, token_shares, p_streams, p_upstreams, p_models, p_operations,
    operator_months) as a (grant_id, request_id, amount, estimate, tokens, is_stream, upstream, model, operation,
    operator_month)
  join unnest(changed) as c on c.id = a.grant_id;
  if everybody.account_id is not null then
    update operator_spending set month = everybody.month, cost = everybody.cost, held = everybody.held where account_id = '';
  end if;
end
$$;
