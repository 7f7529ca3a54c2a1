-- One short step of removing expired rows from one of `expiring_tables`: reads a page and deletes the expired rows in
-- it. A worker calls this function until `has_more` is false. Several workers may call it: while one of them works on a
-- table, the others get false. If the table was cleaned recently, every worker gets false. If a worker dies, another
-- one continues after half a minute. Locked rows are skipped until the next pass.
create or replace function delete_expired(p_name text, p_worker text, p_rows integer default 1000, out removed integer, out has_more boolean)
language plpgsql security definer
set search_path = public, pg_temp set lock_timeout = '300ms' set timezone = 'UTC' set datestyle = 'ISO'
set enable_seqscan = off as $$ -- reading a page must never scan the whole table
#variable_conflict use_column
declare
  e record;
  state maintenance;
  which text := 'true';
  page_size integer;
  last_key text;
  last_is_over boolean;
begin
  removed := 0;
  has_more := false;
  select * into strict e from expiring_tables() where name = p_name;
  e.step := least(e.step, p_rows);
  if e.keep is null then
    return;
  end if;
  insert into maintenance (task) values ('delete_expired ' || p_name) on conflict do nothing;
  -- a time too far in the future was written while the clock was wrong, so it does not count
  select * into state from maintenance
  where task = 'delete_expired ' || p_name
    and (worker = p_worker or claimed_until not between now() and now() + interval '1 minute')
    and (position is not null or finished_at is null or finished_at not between now() - e.every and now())
  for update skip locked;
  if not found then
    return;
  end if;
  if e.read_by = e.ends_at then
    which := e.condition;
  end if;
  if state.position is not null then
    -- The next page begins with the value at which the last page ended, because several rows may have this value.
    -- Without `ends_at`, the values are unique, and each row is read once.
    which := which || format(case when e.ends_at is null then ' and t.%I > %L' else ' and t.%I >= %L' end,
      e.read_by, state.position);
  end if;
  execute format(
    'with page as materialized (
      select t.ctid as row_id, t.%1$I as key, coalesce(%2$s, false) as is_over
      from %3$I t where %4$s order by t.%1$I limit %5$s
    ), over as materialized (
      select t.ctid as row_id from %3$I t join page on page.row_id = t.ctid where page.is_over and %2$s
      for update of t skip locked
    ), deleted as (
      delete from %3$I t where t.ctid = any (array(select row_id from over)) returning 1
    )
    select (select count(*) from deleted), (select count(*) from page), key::text, is_over
    from page order by key desc limit 1', e.read_by, e.condition, p_name, which, e.step)
  into removed, page_size, last_key, last_is_over using now() - e.keep;
  removed := coalesce(removed, 0);
  has_more := coalesce(page_size = e.step and (e.ends_at is null or (last_is_over and removed > 0)), false);
  state.removed := removed + case when state.position is null then 0 else state.removed end;
  update maintenance m set worker = p_worker, removed = state.removed,
    claimed_until = case when has_more then now() + interval '30 seconds' else '-infinity' end,
    position = case when has_more then last_key end,
    finished_at = case when has_more then m.finished_at else now() end
  where m.task = state.task;
end
$$;
