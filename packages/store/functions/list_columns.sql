-- The columns of a table, separated by commas, for a statement that is built as text.
create or replace function list_columns(p_table text) returns text
language sql stable set search_path = public, pg_temp as $$
  select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
  where attrelid = to_regclass(quote_ident(p_table)) and attnum > 0 and not attisdropped
$$;
