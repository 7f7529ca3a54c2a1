-- Assigns the reservation of an admitted request to the replica `background`. The reservation then stays when the
-- process that admitted the request ends. It is settled when the AI provider reports the usage of the response.
-- Repeating the call changes nothing.
create or replace function keep_in_background(
  p_request_id uuid, p_grant_id text, p_account_id text, p_upstream text, p_response_id text, p_quote jsonb,
  p_first_check interval
) returns void language sql as $$
  insert into background_responses (request_id, grant_id, account_id, upstream, response_id, quote, check_at)
  values (p_request_id, p_grant_id, p_account_id, p_upstream, p_response_id, p_quote, now() + p_first_check)
  on conflict (request_id) do nothing;
  update reservations set replica_id = 'background' where request_id = p_request_id and grant_id = p_grant_id;
$$;
