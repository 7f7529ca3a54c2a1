-- The function of release 1, except that it names the columns of `reservations`, so that it works before and after a
-- migration that adds a column. The original builds whole rows. It fails when a call begins before such a migration and
-- continues after it.
create or replace function admit_requests(
  p_replica_id text, p_catalogue_version text,
  p_grant_ids text[], p_ends integer[],
  p_account_ids text[],
  p_request_ids uuid[], p_estimates bigint[], p_floors bigint[], p_tokens integer[], p_streams boolean[],
  p_upstreams text[], p_models text[], p_operations text[]
) returns table (
  item integer, account_id text, upstream text, verdict text, others_hold boolean, reserved bigint,
  retry_after double precision, requests_left bigint, cost_left bigint, rate_left integer, tokens_left integer
) language plpgsql as $$
#variable_conflict use_column
declare
  g grants;
  account account_limits;
  any_account_limit boolean;
  n integer;
  today date;
  this_month date;
  request_interval interval;
  share_interval interval;
  token_share integer;
  admits boolean;
  admitted jsonb := '[]';
  changed grants[] := '{}';
begin
  -- not locked: if a request is admitted while the lease is being ended, the next sweep finds it
  if not exists (select from replicas where id = p_replica_id and lease_until > now()) then
    raise exception 'the lease of this replica has ended' using errcode = 'AP001';
  end if;
  perform from account_limits where account_id = any (p_account_ids) order by account_id collate "C" for update;
  any_account_limit := found;

  for g in select * from grants where id = any (p_grant_ids) order by id collate "C" for update loop
    n := array_position(p_grant_ids, g.id);
    admits := false;
    today := (now() at time zone g.time_zone)::date;
    -- days only go forward: a new time zone may turn today into yesterday, whose counter no longer exists
    if g.day is null or g.day < today then
      g.day := today;
      g.day_cost := 0;
      this_month := date_trunc('month', today)::date;
      if g.month is null or g.month < this_month then g.month := this_month; g.month_cost := 0; end if;
    end if;
    if g.max_requests_per_minute is not null then
      g.bucket_full_at := greatest(g.bucket_full_at, now());
      request_interval := interval '60 seconds' / g.max_requests_per_minute;
    end if;
    if g.max_tokens_per_minute is not null then
      g.tokens_full_at := greatest(g.tokens_full_at, now());
    end if;
    account := null;
    if any_account_limit then
      select * into account from account_limits where account_id = g.account_id;
      if account.month < date_trunc('month', now() at time zone account.time_zone)::date then
        account.month := date_trunc('month', now() at time zone account.time_zone)::date;
        account.month_cost := 0;
      end if;
    end if;

    for i in case n when 1 then 1 else p_ends[n - 1] + 1 end .. p_ends[n] loop
      retry_after := null;
      -- a request of more tokens than a minute allows passes when the bucket is full
      token_share := least(p_tokens[i], g.max_tokens_per_minute);
      -- divided last, because one token may take less than a microsecond, the smallest interval
      share_interval := interval '60 seconds' * token_share / g.max_tokens_per_minute;
      cost_left := least(g.max_cost - g.spent - g.held, g.max_cost_per_day - g.day_cost,
        g.max_cost_per_month - g.month_cost, account.max_cost_per_month - account.month_cost);
      reserved := least(p_estimates[i], cost_left);
      if g.status <> 'active' then
        verdict := 'revoked';
      elsif g.expires_at <= now() then
        verdict := 'expired';
      elsif g.used_requests >= g.max_requests then
        verdict := 'request_limit_reached';
      elsif reserved < p_floors[i] then
        verdict := case
          when g.max_cost - g.spent - g.held < p_floors[i] then 'budget_exhausted'
          when g.max_cost_per_month - g.month_cost < p_floors[i] then 'month_budget_exhausted'
          when g.max_cost_per_day - g.day_cost < p_floors[i] then 'day_budget_exhausted'
          else 'account_budget_exhausted' end;
      elsif g.bucket_full_at - now() > (g.max_requests_per_minute - 1) * request_interval then
        verdict := 'rate_limited';
        retry_after := extract(epoch from g.bucket_full_at - now() - (g.max_requests_per_minute - 1) * request_interval);
      elsif g.tokens_full_at + share_interval - now() > interval '60 seconds' then
        verdict := 'token_rate_limited';
        retry_after := extract(epoch from g.tokens_full_at + share_interval - now() - interval '60 seconds');
      elsif p_streams[i] and g.open_streams >= g.max_streams then
        verdict := 'too_many_streams';
      else
        verdict := 'admitted';
        admits := true;
        g.used_requests := g.used_requests + 1;
        g.held := g.held + reserved;
        g.day_cost := g.day_cost + reserved;
        g.month_cost := g.month_cost + reserved;
        cost_left := cost_left - reserved;
        if any_account_limit then account.month_cost := account.month_cost + reserved; end if;
        if g.max_requests_per_minute is not null then g.bucket_full_at := g.bucket_full_at + request_interval; end if;
        if g.max_tokens_per_minute is not null then g.tokens_full_at := g.tokens_full_at + share_interval; end if;
        if p_streams[i] then g.open_streams := g.open_streams + 1; end if;
        admitted := admitted || jsonb_build_object('request_id', p_request_ids[i], 'grant_id', g.id,
          'account_id', g.account_id, 'reserved', reserved, 'estimate', p_estimates[i], 'tokens', token_share,
          'is_stream', p_streams[i], 'day', g.day, 'month', g.month, 'client_id', g.client_id,
          'upstream', p_upstreams[i], 'model', p_models[i], 'operation', p_operations[i]);
      end if;
      item := i;
      others_hold := false;
      if verdict = 'account_budget_exhausted' then
        -- the account's newest hundred are enough, and are read quickly; those of this batch are not written yet
        select h.held > 0 and h.held + cost_left >= p_estimates[i] into others_hold from (
          select g.held + coalesce(sum(o.held), 0) as held from (
            (select held from grants where account_id = g.account_id and id <> g.id order by created_at desc limit 100)
            union all
            select a.reserved from jsonb_to_recordset(admitted) as a (grant_id text, account_id text, reserved bigint)
            where a.account_id = g.account_id and a.grant_id <> g.id
          ) o
        ) h;
      elsif verdict <> 'admitted' then
        others_hold := (g.held > 0 or g.open_streams > 0) and coalesce(cost_left + g.held >= p_estimates[i], true);
      end if;
      account_id := g.account_id;
      upstream := p_upstreams[i];
      requests_left := g.max_requests - g.used_requests;
      rate_left := floor(g.max_requests_per_minute
        - extract(epoch from g.bucket_full_at - now()) / extract(epoch from request_interval));
      tokens_left := floor(g.max_tokens_per_minute * (1 - extract(epoch from g.tokens_full_at - now()) / 60));
      return next;
    end loop;

    if admits then
      changed := changed || g;
      if account.account_id is not null then
        update account_limits set month = account.month, month_cost = account.month_cost
        where account_id = account.account_id;
      end if;
    end if;
  end loop;

  -- one statement for all grants: a statement for each would cost more than everything above
  update grants set used_requests = c.used_requests, held = c.held, day = c.day, day_cost = c.day_cost, month = c.month,
    month_cost = c.month_cost, bucket_full_at = c.bucket_full_at, tokens_full_at = c.tokens_full_at,
    open_streams = c.open_streams, last_used_at = now()
  from unnest(changed) as c where grants.id = c.id;
  insert into reservations (request_id, replica_id, grant_id, account_id, admitted_at, reserved, estimate, tokens, is_stream,
    day, month, client_id, upstream, model, operation, catalogue_version)
  select r.request_id, p_replica_id, r.grant_id, r.account_id, now(), r.reserved, r.estimate, r.tokens, r.is_stream, r.day,
    r.month, r.client_id, r.upstream, r.model, r.operation, p_catalogue_version
  from jsonb_to_recordset(admitted) as r (request_id uuid, grant_id text, account_id text, reserved bigint, estimate bigint,
    tokens integer, is_stream boolean, day date, month date, client_id text, upstream text, model text, operation text);
end
$$;
