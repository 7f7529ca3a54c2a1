-- The seals of an account are a chain too: each has the place of the seal before it that has the same account digest, and
-- 0 when there is none. The code covers it. Null: the event has no account, or an earlier release sealed it.
-- A keyed digest of the IP address of the event. It stays when the address is removed, because the account was deleted.
alter table audit_seals add column account_previous bigint, add column address_digest text;

-- The head of the log of each day: its last seal, signed with a key that is not in the database. A copy that is kept
-- elsewhere shows later whether the log still contains that seal.
create table audit_heads (
  day date primary key,
  -- a JWS in its compact form
  head text not null
);
