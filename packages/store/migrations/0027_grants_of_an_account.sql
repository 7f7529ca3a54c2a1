-- concurrently: grants_roots
-- for: what the grants of an account hold together. A grant counts for all grants below it, so those are not read.
create index concurrently grants_roots on grants (account_id, created_at desc) where position('.' in id) = 0;
