-- Whether a code or a token of a grant is stored. Once the grant's code was used, the result is true until the grant
-- expires, because a used code is kept until then.
create or replace function has_tokens(p_grant_id text) returns boolean language sql stable as $$
  select exists (select from artifacts a where a.grant_id = p_grant_id
    and a.model in ('AuthorizationCode', 'DeviceCode', 'AccessToken', 'RefreshToken'))
$$;
