-- Why the answer of a request was cut off, as a word of the proxy such as `grant_revoked`. Null: it was not cut off, or a
-- proxy of an earlier release did not record it.
alter table ledger add column cut_off text;
