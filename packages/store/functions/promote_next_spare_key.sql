-- The trigger on `provider_keys`: when the first provider key of an account and an AI provider is deleted, the next one
-- becomes the first, whichever release deletes it. Otherwise requests would be counted against the operator's caps
-- although the owner has keys.
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
