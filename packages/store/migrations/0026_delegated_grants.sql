-- Grants that a client made from one of its grants for a part of it, by a token exchange. The id of such a grant is that
-- of its parent, a dot and 22 more characters. So the grants above a grant are known from its id, and in the order of
-- `collate "C"` a grant comes after all grants above it and before those beside it. Every lock of several grants is taken
-- in this order. A separate table, because release 1 has prepared statements on `grants`.
create table delegated_grants (
  grant_id text collate "C" primary key references grants (id) on delete cascade,
  -- deferred: one statement may delete a whole tree
  parent_grant_id text collate "C" not null references grants (id) deferrable initially deferred,
  constraint delegated_grants_id_continues_that_of_its_parent
    check (starts_with(grant_id, parent_grant_id || '.') and substr(grant_id, length(parent_grant_id) + 2) ~ '^[\w-]{22}$'),
  constraint delegated_grants_depth_is_at_most_four check (cardinality(string_to_array(grant_id, '.')) <= 5)
);
-- for: the grants below a grant, and the foreign key
create index delegated_grants_parent on delegated_grants (parent_grant_id);

-- replaced by the file in `functions`
create function end_grants_below() returns trigger language plpgsql as $$ begin return null; end $$;
create trigger end_grants_below after insert on revocations
  for each row when (new.reason <> 'parent') execute function end_grants_below();
