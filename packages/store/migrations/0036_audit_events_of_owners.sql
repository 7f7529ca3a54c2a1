-- concurrently: audit_events_shown
-- for: the page of an account's activity, which leaves out the tokens. An app gets a new token every ten minutes, so
-- most rows of an account are about tokens.
create index concurrently audit_events_shown on audit_events (account_id, id desc) where account_id is not null and event <> 'token_issued';
