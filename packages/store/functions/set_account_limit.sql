-- Sets the monthly limit of an account over all its grants; null removes it. The spending of this month so far
-- counts. Locks only rows of this account, in the order that all functions use: the account, its limit, its grants by
-- id.
-- Returns false when the change would raise or remove a limit, and the caller may not do so.
create or replace function set_account_limit(p_account_id text, p_max_cost_per_month bigint, p_may_raise boolean)
returns boolean language plpgsql as $$
declare
  present account_limits;
begin
  -- while this lock is held, new grants of the account and changes of its time zone wait
  perform from accounts where id = p_account_id for no key update;
  select * into present from account_limits where account_id = p_account_id for update;
  if found then
    if not p_may_raise and (p_max_cost_per_month is null or p_max_cost_per_month > present.max_cost_per_month) then
      return false;
    elsif p_max_cost_per_month is null then
      delete from account_limits where account_id = p_account_id;
    else
      update account_limits set max_cost_per_month = p_max_cost_per_month where account_id = p_account_id;
    end if;
  elsif p_max_cost_per_month is not null then
    insert into account_limits (account_id, time_zone, max_cost_per_month, month)
    select id, time_zone, p_max_cost_per_month, date_trunc('month', now() at time zone time_zone)::date
    from accounts where id = p_account_id;
    -- Waits for the requests that are being admitted, because they have locked their grants. So the sum includes these
    -- requests. Later requests look for a limit after they have locked their grant, and find this limit. The sum is
    -- computed from the counters of the grants. Reading the ledger would take longer, and requests of the account wait
    -- meanwhile.
    perform from grants where account_id = p_account_id order by id collate "C" for update;
    update account_limits l set month = m.month, month_cost = m.cost
    from (
      select month, to_counter(sum(month_cost)) as cost from grants
        -- the counter of a grant includes the grants below it
        where account_id = p_account_id and position('.' in id) = 0
          and month >= (select month from account_limits where account_id = p_account_id)
      group by month order by month desc limit 1
    ) m where l.account_id = p_account_id;
  end if;
  insert into audit_events (event, account_id, detail)
  select 'account_limit_changed', p_account_id, jsonb_build_object('max_cost_per_month', p_max_cost_per_month::text,
      'max_cost_per_month_before', present.max_cost_per_month::text)
    -- the setting has the identifier and the IP address of the request; it is empty if no request causes the change
    || coalesce(nullif(current_setting('aipassport.origin', true), ''), '{}')::jsonb
    -- the setting has the id of an API token if a program of the owner makes the change, and is empty otherwise
    || jsonb_strip_nulls(jsonb_build_object(
      'api_token', nullif(current_setting('aipassport.api_token', true), ''),
      'api_token_name', (select name from account_tokens where id = current_setting('aipassport.api_token', true))))
  -- The limit with which an account is made changes nothing. The event of the new account contains it.
  from accounts where id = p_account_id and created_at < now();
  return true;
end
$$;
