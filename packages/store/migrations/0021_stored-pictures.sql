-- How many pictures a response or a conversation brings into a later turn, at most. What a picture is billed for depends
-- on the model that reads it.
alter table stored_objects add column pictures integer not null default 0;
