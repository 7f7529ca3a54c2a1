-- The rows of `usage_months` to which requests with these values belong: one row for each part.
create or replace function usage_parts(
  p_upstream text, p_provider_key text, p_model text, p_client_id text, p_account_id text, p_day date
) returns table (part text, upstream text, name text) language sql stable as $$
  values ('provider', p_upstream, p_provider_key), ('model', p_upstream, p_model), ('client', '', p_client_id),
    ('account', '', p_account_id), ('day', '', p_day::text)
$$;
