-- A grant may store files at an AI provider. Servers of the previous release write no files, so they keep working.
-- Existing rows have one of the earlier kinds, so they need no check.
alter table stored_objects drop constraint stored_objects_kind,
  add constraint stored_objects_kind check (kind in ('response', 'output_item', 'input_item', 'conversation', 'file'))
  not valid;
