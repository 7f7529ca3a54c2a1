-- Whether a grant has a code or a token, or had one: a used code is kept as long as its grant.
create or replace function has_tokens(p_grant_id text) returns boolean language sql stable as $$
  select exists (select from artifacts a where a.grant_id = p_grant_id
    and a.model in ('AuthorizationCode', 'DeviceCode', 'AccessToken', 'RefreshToken'))
$$;
