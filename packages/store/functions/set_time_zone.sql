-- Sets the time zone of an account, its limit and its grants, and records that the owner chose it. All of this is one
-- call, so that requests of the account wait only briefly. Locks only rows of this account, in the order that all
-- functions use: the account, its limit, its grants by id.
create or replace function set_time_zone(p_account_id text, p_time_zone text) returns void language plpgsql as $$
declare
  before text;
begin
  select time_zone into before from accounts where id = p_account_id for no key update;
  update accounts set time_zone = p_time_zone where id = p_account_id;
  insert into account_settings (account_id, has_chosen_time_zone) values (p_account_id, true)
  on conflict (account_id) do update set has_chosen_time_zone = true;
  update account_limits set time_zone = p_time_zone where account_id = p_account_id;
  perform from grants where account_id = p_account_id order by id collate "C" for update;
  update grants set time_zone = p_time_zone where account_id = p_account_id;
  insert into audit_events (event, account_id, detail)
  values ('time_zone_changed', p_account_id, jsonb_build_object('time_zone', p_time_zone,
    'time_zone_before', before)
    -- the setting has the identifier and the IP address of the request; it is empty if no request causes the change
    || coalesce(nullif(current_setting('aipassport.origin', true), ''), '{}')::jsonb);
end
$$;
