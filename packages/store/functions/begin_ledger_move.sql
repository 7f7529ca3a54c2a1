-- Begins the move of what is in the ledger's default partition: whatever is written there from now on is copied by a trigger.
-- What another move has copied and not finished is forgotten; its rows are still where they were.
create or replace function begin_ledger_move() returns void
language plpgsql set search_path = public, pg_temp as $$
declare
  leftover text;
begin
  drop trigger if exists copy_ledger_row on ledger_default;
  for leftover in
    select oid::regclass from pg_class
    where relname like 'ledger\_moving\_%' and relkind = 'r' and relnamespace = 'public'::regnamespace
  loop
    execute format('drop table %s', leftover);
  end loop;
  -- a vacuum of it would hold up the locks of the end, with which it goes
  alter table ledger_default set (autovacuum_enabled = off);
  create trigger copy_ledger_row after insert on ledger_default for each row execute function copy_ledger_row();
  insert into maintenance (task, position) values ('move_ledger', '-infinity|00000000-0000-0000-0000-000000000000')
  on conflict (task) do update set position = excluded.position;
end
$$;
