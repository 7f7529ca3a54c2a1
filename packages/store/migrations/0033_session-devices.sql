-- The device of a session in words, such as `Firefox` and `Windows`. The raw User-Agent header is not stored. Null: a
-- session of an earlier release, or a browser that is not known.
alter table owner_sessions add column browser text, add column system text;
