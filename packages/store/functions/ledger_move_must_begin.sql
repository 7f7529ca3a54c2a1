-- Whether a move of the rows in the ledger's default partition must begin. This is so if no move is under way. It is
-- also so if the ledger got a column or an index after the move created the table of a month. A table without the
-- column cannot be attached. Attaching a table without the index would build the index while the ledger is locked.
create or replace function ledger_move_must_begin() returns boolean
language sql stable set search_path = public, pg_temp as $$
  select not exists (select from pg_trigger where tgrelid = 'ledger_default'::regclass and tgname = 'copy_ledger_row')
    or exists (
      select from pg_class c
      where c.relname like 'ledger\_moving\_%' and c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
        and (
          (select count(*) from pg_index where indrelid = c.oid)
            < (select count(*) from pg_index where indrelid = 'ledger'::regclass)
          or exists (
            select from pg_attribute a
            where a.attrelid = 'ledger'::regclass and a.attnum > 0 and not a.attisdropped
              and not exists (select from pg_attribute where attrelid = c.oid and attname = a.attname)
          )
        )
    )
$$;
