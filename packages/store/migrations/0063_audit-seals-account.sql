-- concurrently: audit_seals_account
-- for: the chain of an account's seals
create index concurrently audit_seals_account on audit_seals (account_digest, sequence) where account_digest is not null;
