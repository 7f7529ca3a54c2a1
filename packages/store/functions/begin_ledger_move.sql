-- Begins the move of the rows in the ledger's default partition. From now on a trigger copies new rows. The copies of
-- an unfinished earlier move are dropped; the original rows are still in the default partition.
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
  -- a vacuum would delay the locks of `end_ledger_move`, which drops the table
  alter table ledger_default set (autovacuum_enabled = off);
  create trigger copy_ledger_row after insert on ledger_default for each row execute function copy_ledger_row();
  insert into maintenance (task, position) values ('move_ledger', '-infinity|00000000-0000-0000-0000-000000000000')
  on conflict (task) do update set position = excluded.position;
end
$$;
