-- concurrently: grants_live_below
-- for: the live grants of a tree, which are counted before one is added. Ended ones, of which a tree may have many, are
-- not read: expired ones are not in the range, revoked ones not in the index.
create index concurrently grants_live_below on grants (split_part(id, '.', 1), expires_at)
where status = 'active' and position('.' in id) > 0;
