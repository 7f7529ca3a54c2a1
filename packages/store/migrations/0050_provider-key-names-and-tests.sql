-- The name that an owner gave a provider key. A separate table, for the same reason as `provider_key_refusals`.
create table provider_key_names (
  account_id text not null references accounts (id) on delete cascade,
  upstream text not null,
  name text not null,
  constraint provider_key_names_pkey primary key (account_id, upstream),
  constraint provider_key_names_length check (char_length(name) between 1 and 60)
);

-- The last test of a provider key that its owner asked for. Only a resource proxy can open the key: one takes the test,
-- asks the AI provider, and notes the result.
create table provider_key_tests (
  account_id text not null references accounts (id) on delete cascade,
  upstream text not null,
  -- of the key that is tested: the account may have another one by now
  provider_key_id text not null,
  requested_at timestamptz not null default now(),
  -- when a proxy took the test. If that proxy died, another one takes it after a while
  taken_at timestamptz,
  -- null until the result is known
  verdict text,
  constraint provider_key_tests_pkey primary key (account_id, upstream),
  constraint provider_key_tests_verdict check (verdict in ('accepted', 'refused', 'unpaid', 'unknown', 'unusable'))
);
-- for: the tests that wait for a proxy
create index provider_key_tests_waiting on provider_key_tests (requested_at) where verdict is null;
