-- Sealing keys that were rotated out: nothing is stored any more that is sealed to one of them, for nobody can open it.
create table retired_sealing_keys (
  id text primary key,
  retired_at timestamptz not null default now()
);
-- for: what is still to be sealed to the new key
create index provider_keys_sealing_key on provider_keys (sealing_key_id, id);
