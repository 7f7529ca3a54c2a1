-- What an AI provider last said when it refused an owner's key, for the page of keys. This is a separate table, because a
-- new column would need a lock on `provider_keys` beside the one on `grants`, which admissions take in the other order.
create table provider_key_refusals (
  account_id text not null references accounts (id) on delete cascade,
  upstream text not null,
  -- of the key that was refused: the account may have another one by now
  provider_key_id text not null,
  refused_at timestamptz not null,
  -- a status, and the provider's word for it
  refusal text not null,
  constraint provider_key_refusals_pkey primary key (account_id, upstream)
);
