-- Makes a spare provider key the first of its AI provider. The one that was first becomes the first spare one. The names,
-- refusals and tests go with their keys. The caller has locked the account. Returns the AI provider, and null when
-- the account has no such spare key.
create or replace function promote_spare_key(p_account_id text, p_id text) returns text
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  spare spare_provider_keys;
begin
  select * into spare from spare_provider_keys where account_id = p_account_id and id = p_id for update;
  if not found then return null; end if;
  delete from spare_provider_keys where account_id = p_account_id and id = p_id;

  insert into spare_provider_keys (account_id, id, upstream, place, host, version, sealing_key_id, jwe, last_four,
    created_at, last_used_at, name, refused_at, refusal, test_requested_at, test_taken_at, test_verdict)
  select k.account_id, k.id, k.upstream,
    coalesce((select min(s.place) from spare_provider_keys s
      where s.account_id = k.account_id and s.upstream = k.upstream), 0) - 1,
    k.host, k.version, k.sealing_key_id, k.jwe, k.last_four, k.created_at, k.last_used_at, n.name, r.refused_at,
    r.refusal, t.requested_at, t.taken_at, t.verdict
  from provider_keys k
    left join provider_key_names n on n.account_id = k.account_id and n.upstream = k.upstream
    left join provider_key_refusals r
      on r.account_id = k.account_id and r.upstream = k.upstream and r.provider_key_id = k.id
    left join provider_key_tests t on t.account_id = k.account_id and t.upstream = k.upstream and t.provider_key_id = k.id
  where k.account_id = p_account_id and k.upstream = spare.upstream;

  insert into provider_keys (account_id, upstream, id, host, version, sealing_key_id, jwe, last_four, created_at,
    last_used_at)
  values (spare.account_id, spare.upstream, spare.id, spare.host, spare.version, spare.sealing_key_id, spare.jwe,
    spare.last_four, spare.created_at, spare.last_used_at)
  on conflict on constraint provider_keys_one_per_upstream do update set id = excluded.id, host = excluded.host,
    version = excluded.version, sealing_key_id = excluded.sealing_key_id, jwe = excluded.jwe,
    last_four = excluded.last_four, created_at = excluded.created_at, last_used_at = excluded.last_used_at;

  delete from provider_key_names where account_id = p_account_id and upstream = spare.upstream;
  if spare.name is not null then
    insert into provider_key_names (account_id, upstream, name) values (p_account_id, spare.upstream, spare.name);
  end if;
  delete from provider_key_refusals where account_id = p_account_id and upstream = spare.upstream;
  if spare.refused_at is not null then
    -- A proxy may note a refusal of the earlier first key at this moment. That note is about a key that is not first.
    insert into provider_key_refusals (account_id, upstream, provider_key_id, refused_at, refusal)
    values (p_account_id, spare.upstream, spare.id, spare.refused_at, spare.refusal)
    on conflict on constraint provider_key_refusals_pkey do update set provider_key_id = excluded.provider_key_id,
      refused_at = excluded.refused_at, refusal = excluded.refusal;
  end if;
  delete from provider_key_tests where account_id = p_account_id and upstream = spare.upstream;
  if spare.test_requested_at is not null then
    insert into provider_key_tests (account_id, upstream, provider_key_id, requested_at, taken_at, verdict)
    values (p_account_id, spare.upstream, spare.id, spare.test_requested_at, spare.test_taken_at, spare.test_verdict)
    on conflict on constraint provider_key_tests_pkey do update set provider_key_id = excluded.provider_key_id,
      requested_at = excluded.requested_at, taken_at = excluded.taken_at, verdict = excluded.verdict;
  end if;
  return spare.upstream;
end
$$;
