-- Money, streams, tokens: what a request may cost is set aside before it is sent, and settled after.
-- Money is in nano-US-dollars, 10^-9 USD, always an integer.

alter table grants
  add column time_zone text not null default 'UTC', -- the owner's; days and months begin there
  add column max_cost bigint,
  add column max_cost_per_day bigint,
  add column max_cost_per_month bigint,
  add column max_tokens_per_minute integer,
  add column max_streams integer,
  add column spent bigint not null default 0,
  add column held bigint not null default 0,
  -- spent and held of the requests admitted in this day and month, of the owner's calendar
  add column day date,
  add column day_cost bigint not null default 0,
  add column month date,
  add column month_cost bigint not null default 0,
  -- token bucket of the tokens, as `bucket_full_at` is that of the requests
  add column tokens_full_at timestamptz,
  add column open_streams integer not null default 0,
  -- an owner may set a cap below what is used already: it is reached then
  drop constraint grants_used_requests_is_in_limits,
  add constraint grants_used_requests_is_not_negative check (used_requests >= 0),
  add constraint grants_costs_are_not_negative check (spent >= 0 and held >= 0 and day_cost >= 0 and month_cost >= 0),
  add constraint grants_open_streams_is_not_negative check (open_streams >= 0),
  add constraint grants_limits_are_positive check (
    max_cost > 0 and max_cost_per_day > 0 and max_cost_per_month > 0 and max_tokens_per_minute > 0 and max_streams > 0
  );

-- Admission looks keys up by whose they are and what for.
alter table provider_keys
  drop constraint provider_keys_pkey,
  drop constraint provider_keys_one_per_upstream,
  add constraint provider_keys_one_per_upstream primary key (account_id, upstream),
  add constraint provider_keys_id_is_unique unique (id);

-- What an account may spend over all its grants. No row: no limit.
create table account_limits (
  account_id text primary key references accounts (id) on delete cascade,
  time_zone text not null,
  max_cost_per_month bigint not null,
  month date not null,
  month_cost bigint not null default 0,
  constraint account_limits_is_positive check (max_cost_per_month > 0),
  constraint account_limits_month_cost_is_not_negative check (month_cost >= 0)
);

-- The proxies that are alive. Who does not renew its lease is dead: what it had set aside is charged.
create table replicas (
  id text primary key,
  lease_until timestamptz not null
);

-- One row for each request that is admitted and not settled: written before the first byte goes upstream.
create table reservations (
  request_id uuid primary key,
  replica_id text not null,
  grant_id text not null,
  account_id text not null,
  admitted_at timestamptz not null default now(),
  -- set aside, at most the estimate: what the budget had left may be less
  reserved bigint not null,
  estimate bigint not null,
  tokens integer not null,
  is_stream boolean not null,
  day date not null,
  month date not null,
  client_id text not null,
  upstream text not null,
  model text not null,
  operation text not null,
  catalogue_version text not null
);
-- No other index: the table holds only what is under way, so that the rare sweep of a dead replica's rows reads all of
-- it, and every request is spared the upkeep.

-- One row for each request that was admitted, once it is over. Rows are only ever inserted; whole months are dropped.
create table ledger (
  request_id uuid not null,
  admitted_at timestamptz not null,
  settled_at timestamptz not null default now(),
  grant_id text not null,
  account_id text not null,
  client_id text not null,
  upstream text not null,
  model text not null,
  operation text not null,
  -- how the cost was found: `reported` by the upstream, `estimated` where it said nothing that can be trusted,
  -- `abandoned` where the proxy died, `unbilled` where it answered with an error that it does not bill, `released`
  -- where it was never reached
  settlement text not null,
  -- whether it counts as a request
  counted boolean not null,
  cost bigint not null,
  estimate bigint not null,
  day date not null,
  month date not null,
  input_tokens bigint,
  cached_input_tokens bigint,
  cache_write_tokens bigint,
  output_tokens bigint,
  tool_calls integer,
  status integer,
  duration_milliseconds integer,
  first_byte_milliseconds integer,
  catalogue_version text not null,
  primary key (admitted_at, request_id),
  constraint ledger_settlement check (settlement in ('reported', 'estimated', 'abandoned', 'unbilled', 'released')),
  constraint ledger_cost_is_not_negative check (cost >= 0)
) partition by range (admitted_at);
-- for: an owner's history, and the verification of one grant
create index ledger_grant on ledger (grant_id, admitted_at desc);
-- Rows land here only when nobody made the month's partition in time.
create table ledger_default partition of ledger default;

-- What dropped months had added up to, so that a grant's counters can be verified for ever.
create table ledger_archive (
  grant_id text primary key,
  requests bigint not null,
  cost bigint not null
);

create function create_ledger_partition(first_day date) returns void language plpgsql as $$
begin
  execute format('create table if not exists %I partition of ledger for values from (%L) to (%L)',
    'ledger_' || to_char(first_day, 'YYYY_MM'), first_day::timestamp at time zone 'UTC',
    (first_day + interval '1 month')::timestamp at time zone 'UTC');
end
$$;
select create_ledger_partition((date_trunc('month', now() at time zone 'UTC') + make_interval(months => n))::date)
from generate_series(0, 2) as n;

-- Decides a batch of requests, one after the other, on the locked rows of their grants: state, requests in all, rate,
-- tokens, streams, money. An admitted request's reservation is written in the same transaction; the caller sends nothing
-- upstream before this has committed. Items come sorted by grant; `ends[n]` is the index of the last item of grant n.
-- Locks are taken in one order everywhere: account limits by id, then grants by id.
-- `verdicts` is `admitted` or the reason; `reserved` what was set aside, less than the estimate where the budget had
-- less left, but never less than the floor; `retry_after` in seconds; `key_ids` names the provider key that the account
-- of an admitted request has for its upstream at this instant, null where it has none.
create function admit_requests(
  p_replica_id text, p_catalogue_version text,
  p_grant_ids text[], p_ends integer[],
  p_account_ids text[],
  p_request_ids uuid[], p_estimates bigint[], p_floors bigint[], p_tokens integer[], p_streams boolean[],
  p_upstreams text[], p_models text[], p_operations text[],
  out verdicts text[], out reserved bigint[], out retry_after double precision[],
  out requests_left bigint[], out cost_left bigint[], out rate_left integer[], out key_ids text[]
) language plpgsql as $$
declare
  g grants;
  account account_limits;
  any_account_limit boolean;
  n integer;
  i integer;
  first_item integer;
  verdict text;
  wait double precision;
  available bigint;
  left_of bigint;
  to_reserve bigint;
  request_interval interval;
  token_interval interval;
  token_share integer;
  today date;
  this_month date;
  admitted integer[] := '{}';
  admitted_of_grant integer;
  item_grants text[] := array_fill(null::text, array[cardinality(p_request_ids)]);
  item_accounts text[] := item_grants;
  item_clients text[] := item_grants;
  item_tokens integer[] := array_fill(null::integer, array[cardinality(p_request_ids)]);
  item_days date[] := array_fill(null::date, array[cardinality(p_request_ids)]);
  item_months date[] := item_days;
  changed integer := 0;
  changed_ids text[] := array_fill(null::text, array[cardinality(p_grant_ids)]);
  changed_used bigint[] := array_fill(null::bigint, array[cardinality(p_grant_ids)]);
  changed_held bigint[] := changed_used;
  changed_days date[] := array_fill(null::date, array[cardinality(p_grant_ids)]);
  changed_day_costs bigint[] := changed_used;
  changed_months date[] := changed_days;
  changed_month_costs bigint[] := changed_used;
  changed_buckets timestamptz[] := array_fill(null::timestamptz, array[cardinality(p_grant_ids)]);
  changed_tokens timestamptz[] := changed_buckets;
  changed_streams integer[] := array_fill(null::integer, array[cardinality(p_grant_ids)]);
begin
  perform from replicas where id = p_replica_id and lease_until > now() for key share;
  if not found then
    raise exception 'the lease of this replica has ended' using errcode = 'AP001';
  end if;
  verdicts := array_fill('unknown'::text, array[cardinality(p_request_ids)]);
  reserved := array_fill(null::bigint, array[cardinality(p_request_ids)]);
  requests_left := reserved;
  cost_left := reserved;
  retry_after := array_fill(null::double precision, array[cardinality(p_request_ids)]);
  rate_left := array_fill(null::integer, array[cardinality(p_request_ids)]);
  perform from account_limits where account_id = any (p_account_ids) order by account_id collate "C" for update;
  any_account_limit := found;

  for g in select * from grants where id = any (p_grant_ids) order by id collate "C" for update loop
    n := array_position(p_grant_ids, g.id);
    first_item := case when n = 1 then 1 else p_ends[n - 1] + 1 end;
    today := (now() at time zone g.time_zone)::date;
    this_month := date_trunc('month', today)::date;
    -- they only go forward: a new time zone may put today back into yesterday, whose counter is gone
    if g.day is null or g.day < today then g.day := today; g.day_cost := 0; end if;
    if g.month is null or g.month < this_month then g.month := this_month; g.month_cost := 0; end if;
    g.bucket_full_at := greatest(g.bucket_full_at, now());
    g.tokens_full_at := greatest(g.tokens_full_at, now());
    request_interval := interval '60 seconds' / g.max_requests_per_minute;
    token_interval := interval '60 seconds' / g.max_tokens_per_minute;
    account := null;
    if any_account_limit then
      select * into account from account_limits where account_id = g.account_id;
    end if;
    if account.account_id is not null and account.month < date_trunc('month', now() at time zone account.time_zone)::date then
      account.month := date_trunc('month', now() at time zone account.time_zone)::date;
      account.month_cost := 0;
    end if;
    admitted_of_grant := 0;

    for i in first_item .. p_ends[n] loop
      verdict := null;
      wait := null;
      -- a request of more tokens than a minute allows passes when the whole minute is free
      token_share := least(p_tokens[i], g.max_tokens_per_minute);
      available := least(g.max_cost - g.spent - g.held, g.max_cost_per_day - g.day_cost,
        g.max_cost_per_month - g.month_cost, account.max_cost_per_month - account.month_cost);
      to_reserve := least(p_estimates[i], available);
      if g.status <> 'active' then
        verdict := 'revoked';
      elsif g.expires_at <= now() then
        verdict := 'expired';
      elsif g.used_requests >= g.max_requests then
        verdict := 'request_limit_reached';
      elsif to_reserve < p_floors[i] then
        verdict := case
          when g.max_cost - g.spent - g.held < p_floors[i] then 'budget_exhausted'
          when g.max_cost_per_month - g.month_cost < p_floors[i] then 'month_budget_exhausted'
          when g.max_cost_per_day - g.day_cost < p_floors[i] then 'day_budget_exhausted'
          else 'account_budget_exhausted' end;
      elsif g.bucket_full_at - now() > (g.max_requests_per_minute - 1) * request_interval then
        verdict := 'rate_limited';
        wait := extract(epoch from g.bucket_full_at - now() - (g.max_requests_per_minute - 1) * request_interval);
      elsif g.tokens_full_at - now() > (g.max_tokens_per_minute - token_share) * token_interval then
        verdict := 'token_rate_limited';
        wait := extract(epoch from g.tokens_full_at - now() - (g.max_tokens_per_minute - token_share) * token_interval);
      elsif p_streams[i] and g.open_streams >= g.max_streams then
        verdict := 'too_many_streams';
      else
        verdict := 'admitted';
        g.used_requests := g.used_requests + 1;
        g.held := g.held + to_reserve;
        g.day_cost := g.day_cost + to_reserve;
        g.month_cost := g.month_cost + to_reserve;
        account.month_cost := account.month_cost + to_reserve;
        if request_interval is not null then g.bucket_full_at := g.bucket_full_at + request_interval; end if;
        if token_interval is not null then g.tokens_full_at := g.tokens_full_at + token_share * token_interval; end if;
        if p_streams[i] then g.open_streams := g.open_streams + 1; end if;
        admitted := admitted || i;
        admitted_of_grant := admitted_of_grant + 1;
        item_grants[i] := g.id;
        item_accounts[i] := g.account_id;
        item_clients[i] := g.client_id;
        item_tokens[i] := token_share;
        item_days[i] := g.day;
        item_months[i] := g.month;
        available := available - to_reserve;
      end if;
      verdicts[i] := verdict;
      reserved[i] := case when verdict = 'admitted' then to_reserve end;
      retry_after[i] := wait;
      requests_left[i] := g.max_requests - g.used_requests;
      cost_left[i] := available;
      rate_left[i] := floor(g.max_requests_per_minute - extract(epoch from g.bucket_full_at - now()) / extract(epoch from request_interval));
    end loop;

    if admitted_of_grant > 0 then
      changed := changed + 1;
      changed_ids[changed] := g.id;
      changed_used[changed] := g.used_requests;
      changed_held[changed] := g.held;
      changed_days[changed] := g.day;
      changed_day_costs[changed] := g.day_cost;
      changed_months[changed] := g.month;
      changed_month_costs[changed] := g.month_cost;
      changed_buckets[changed] := g.bucket_full_at;
      changed_tokens[changed] := g.tokens_full_at;
      changed_streams[changed] := g.open_streams;
      if account.account_id is not null then
        update account_limits set month = account.month, month_cost = account.month_cost
        where account_id = account.account_id;
      end if;
    end if;
  end loop;

  -- all grants in one statement: one each costs more than everything above
  update grants t set used_requests = c.used, held = c.held, day = c.day, day_cost = c.day_cost, month = c.month,
    month_cost = c.month_cost, bucket_full_at = c.bucket_full_at, tokens_full_at = c.tokens_full_at,
    open_streams = c.open_streams, last_used_at = now()
  from unnest(changed_ids, changed_used, changed_held, changed_days, changed_day_costs, changed_months,
    changed_month_costs, changed_buckets, changed_tokens, changed_streams) as c (id, used, held, day, day_cost, month,
    month_cost, bucket_full_at, tokens_full_at, open_streams)
  where t.id = c.id;

  select array_agg(k.id order by i.place) into key_ids
  from unnest(item_accounts, p_upstreams) with ordinality as i (account_id, upstream, place)
  left join provider_keys k on k.account_id = i.account_id and k.upstream = i.upstream;

  insert into reservations (request_id, replica_id, grant_id, account_id, reserved, estimate, tokens, is_stream, day,
    month, client_id, upstream, model, operation, catalogue_version)
  select p_request_ids[k], p_replica_id, item_grants[k], item_accounts[k], reserved[k], p_estimates[k], item_tokens[k],
    p_streams[k], item_days[k], item_months[k], item_clients[k], p_upstreams[k], p_models[k], p_operations[k], p_catalogue_version
  from unnest(admitted) as k;
end
$$;

-- Ends reservations, each exactly once: a request that is settled already, or was never admitted, changes nothing, so
-- a batch whose COMMIT went unanswered is simply sent again. What was set aside and not spent is free again.
create function settle_requests(
  p_account_ids text[], p_grant_ids text[],
  p_request_ids uuid[], p_settlements text[], p_costs bigint[],
  p_input_tokens bigint[], p_cached_input_tokens bigint[], p_cache_write_tokens bigint[], p_output_tokens bigint[],
  p_tool_calls integer[], p_statuses integer[], p_durations integer[], p_first_bytes integer[]
) returns integer language plpgsql as $$
declare
  settled integer;
begin
  perform from account_limits where account_id = any (p_account_ids) order by account_id collate "C" for update;
  perform from grants where id = any (p_grant_ids) order by id collate "C" for update;
  with outcome as (
    select * from unnest(p_request_ids, p_settlements, p_costs, p_input_tokens, p_cached_input_tokens, p_cache_write_tokens,
      p_output_tokens, p_tool_calls, p_statuses, p_durations, p_first_bytes) as o (request_id, settlement, cost, input_tokens,
      cached_input_tokens, cache_write_tokens, output_tokens, tool_calls, status, duration, first_byte)
  ), ended as (
    delete from reservations r using outcome o
    where r.request_id = o.request_id and r.grant_id = any (p_grant_ids)
    returning r.*, o.settlement, coalesce(o.cost, r.reserved) as cost, o.input_tokens, o.cached_input_tokens,
      o.cache_write_tokens, o.output_tokens, o.tool_calls, o.status, o.duration, o.first_byte
  ), written as (
    insert into ledger (request_id, admitted_at, grant_id, account_id, client_id, upstream, model, operation, settlement,
      counted, cost, estimate, day, month, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens,
      tool_calls, status, duration_milliseconds, first_byte_milliseconds, catalogue_version)
    select request_id, admitted_at, grant_id, account_id, client_id, upstream, model, operation, settlement,
      settlement <> 'released', cost, estimate, day, month, input_tokens, cached_input_tokens, cache_write_tokens,
      output_tokens, tool_calls, status, duration, first_byte, catalogue_version
    from ended
  ), updated as (
    update grants g set held = g.held - o.reserved, spent = g.spent + o.cost,
      used_requests = g.used_requests - o.released, open_streams = g.open_streams - o.streams,
      -- a day that is over has a counter no more
      day_cost = g.day_cost - case when o.last_day = g.day then o.freed_of_last_day else 0 end,
      month_cost = g.month_cost - case when o.last_month = g.month then o.freed_of_last_month else 0 end,
      tokens_full_at = g.tokens_full_at - o.unused_tokens * (interval '60 seconds' / g.max_tokens_per_minute)
    from (
      select grant_id, sum(reserved)::bigint as reserved, sum(cost)::bigint as cost,
        count(*) filter (where settlement = 'released') as released, count(*) filter (where is_stream) as streams,
        last_day, sum(reserved - cost) filter (where day = last_day)::bigint as freed_of_last_day,
        last_month, sum(reserved - cost) filter (where month = last_month)::bigint as freed_of_last_month,
        -- tokens set aside and not used go back into the bucket; of the unknown it is supposed that all were used
        sum(case when settlement in ('released', 'unbilled') then tokens
          else greatest(0, tokens - coalesce(input_tokens + output_tokens, tokens)) end)::bigint as unused_tokens
      from (
        select *, max(day) over of_grant as last_day, max(month) over of_grant as last_month
        from ended window of_grant as (partition by grant_id)
      ) e
      group by grant_id, last_day, last_month
    ) o where g.id = o.grant_id
  ), account_updated as (
    update account_limits a set month_cost = greatest(0, a.month_cost - f.freed)
    from (select account_id, month, sum(reserved - cost)::bigint as freed from ended group by account_id, month) f
    where a.account_id = f.account_id and a.month = f.month
  )
  select count(*) into settled from ended;
  return settled;
end
$$;

-- Charges what the dead had set aside, as reserved: what they did with it is not known. Any replica may call this, at any
-- time; `skip locked` keeps them out of each other's way, and the lock keeps a replica that is not quite dead from
-- admitting under a lease that is being ended.
create function settle_dead_replicas() returns integer language plpgsql as $$
declare
  dead text;
  request_ids uuid[];
  grant_ids text[];
  account_ids text[];
  total integer := 0;
begin
  for dead in select id from replicas where lease_until <= now() order by id for update skip locked loop
    select array_agg(request_id), array_agg(distinct grant_id), array_agg(distinct account_id)
    into request_ids, grant_ids, account_ids from reservations where replica_id = dead;
    if request_ids is not null then
      total := total + settle_requests(account_ids, grant_ids, request_ids, array_fill('abandoned'::text, array[cardinality(request_ids)]),
        null, null, null, null, null, null, null, null, null);
    end if;
    delete from replicas where id = dead;
  end loop;
  return total;
end
$$;
