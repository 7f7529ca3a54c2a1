-- The accounts that got recovery codes when they were made with a passkey, and whose owners have not said yet that they
-- saved the codes. A separate table, because a new column in `recovery_codes` would be no fact about one code.
create table unsaved_recovery_codes (
  account_id text primary key references accounts (id) on delete cascade
);
