-- A permission for the apps that an account builds. A token with `manage` no longer has it. Every row satisfied the
-- narrower constraint, so the rows are not checked again.
alter table account_tokens
  drop constraint account_tokens_scopes,
  add constraint account_tokens_scopes
    check (scopes <@ array['read', 'manage', 'developer', 'operator'] and 'read' = any (scopes)) not valid;
