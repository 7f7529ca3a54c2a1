-- The provider keys that an owner has beside the one in `provider_keys`, which is the first of its AI provider. A
-- separate table, because servers of the previous release read and replace the row of an account and an AI provider in
-- `provider_keys`. There is a row here only while the first key exists: see `promote_spare_key`.
create table spare_provider_keys (
  account_id text not null references accounts (id) on delete cascade,
  id text not null,
  upstream text not null,
  -- the order after the first key
  place integer not null,
  host text not null,
  version integer not null,
  sealing_key_id text not null,
  jwe text not null,
  last_four text not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  name text,
  -- the last refusal, as in `provider_key_refusals`
  refused_at timestamptz,
  refusal text,
  -- the last test, as in `provider_key_tests`
  test_requested_at timestamptz,
  test_taken_at timestamptz,
  test_verdict text,
  constraint spare_provider_keys_pkey primary key (account_id, id),
  constraint spare_provider_keys_places unique (account_id, upstream, place),
  constraint spare_provider_keys_name_length check (char_length(name) between 1 and 60),
  constraint spare_provider_keys_refusal check ((refused_at is null) = (refusal is null)),
  constraint spare_provider_keys_verdict
    check (test_verdict in ('accepted', 'refused', 'unpaid', 'unknown', 'unusable'))
);
-- for: the rotation of the sealing key
create index spare_provider_keys_sealing_key on spare_provider_keys (sealing_key_id, id);
-- for: the tests that wait for a proxy
create index spare_provider_keys_tests on spare_provider_keys (test_requested_at)
  where test_requested_at is not null and test_verdict is null;

-- The first key is never missing while there are spare ones. The files in functions/ explain these functions, and
-- replace them.
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
create or replace function promote_next_spare_key() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  next_id text;
begin
  -- while the account itself is deleted, its keys end too
  perform from accounts where id = old.account_id;
  if not found then return null; end if;
  select id into next_id from spare_provider_keys where account_id = old.account_id and upstream = old.upstream
  order by place limit 1;
  if found then perform promote_spare_key(old.account_id, next_id); end if;
  return null;
end
$$;
create trigger promote_next_spare_key after delete on provider_keys
  for each row execute function promote_next_spare_key();
