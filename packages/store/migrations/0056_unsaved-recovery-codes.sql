-- The accounts that were created with a passkey and got recovery codes, and whose owners have not said yet that they
-- saved the codes. This is not a column of `recovery_codes`, because it is a fact about an account, not about a code.
create table unsaved_recovery_codes (
  account_id text primary key references accounts (id) on delete cascade
);
