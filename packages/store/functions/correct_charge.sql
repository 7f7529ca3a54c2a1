-- Corrects the charge of a request that is in the ledger, for the operator. Adds a row with the difference between the
-- given cost and the sum of the request's rows, updates the counters, and writes into the audit log. If the difference
-- is 0, nothing is written. No row of the ledger is changed. May be called again with another cost.
-- Locks are taken in the order of `settle_requests`.
-- Returns the difference; null when there is no such request, when its proxy may still correct the charge, or when the
-- given cost is negative.
create or replace function correct_charge(p_request_id uuid, p_cost bigint, p_reason text) returns bigint
language plpgsql as $$
declare
  charged record;
  difference bigint;
begin
  select admitted_at, grant_id, account_id, client_id, upstream, model, operation, estimate, day, month, operator_month,
    catalogue_version, is_simulated
  into charged from ledger where request_id = p_request_id and corrects is null;
  if not found or p_cost < 0 or exists (select from abandoned_requests where request_id = p_request_id) then
    return null;
  end if;
  perform from account_limits where account_id = charged.account_id for update;
  perform from grants where id = any (with_ancestors(array[charged.grant_id])) order by id collate "C" for update;
  select p_cost - sum(cost) into difference from ledger
  where admitted_at = charged.admitted_at and (request_id = p_request_id or corrects = p_request_id);
  if difference = 0 then
    return 0;
  end if;
  insert into ledger (request_id, corrects, admitted_at, grant_id, account_id, client_id, upstream, model, operation,
    settlement, counted, cost, estimate, day, month, operator_month, catalogue_version, is_simulated)
  values (gen_random_uuid(), p_request_id, charged.admitted_at, charged.grant_id, charged.account_id, charged.client_id,
    charged.upstream, charged.model, charged.operation, 'corrected', false, difference, charged.estimate, charged.day,
    charged.month, charged.operator_month, charged.catalogue_version, charged.is_simulated);
  -- past days and months have no counter
  update grants set spent = to_counter(spent + difference),
    day_cost = case when day = charged.day then to_counter(day_cost + difference) else day_cost end,
    month_cost = case when month = charged.month then to_counter(month_cost + difference) else month_cost end
  where id = any (with_ancestors(array[charged.grant_id]));
  update account_limits set month_cost = to_counter(month_cost + difference)
  where account_id = charged.account_id and month = charged.month;
  if charged.operator_month is not null then
    perform move_operator_spending(array[charged.account_id], array[charged.operator_month], array[difference],
      array[0::bigint]);
  end if;
  insert into audit_events (event, account_id, client_id, grant_id, detail)
  values ('charge_corrected', charged.account_id, charged.client_id, charged.grant_id,
    jsonb_build_object('request', p_request_id, 'difference', difference::text, 'reason', p_reason));
  return difference;
end
$$;
