-- What an AI provider last said when it refused an owner's key, for the page of keys. Both null: it has not since the key
-- was entered.
alter table provider_keys
  add column refused_at timestamptz,
  -- a status, and the provider's word for it
  add column refusal text;
