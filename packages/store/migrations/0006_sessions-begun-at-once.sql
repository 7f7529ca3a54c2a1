-- Tabs of one browser begin the same session at once, of the same id and uid. An upsert settles conflicts of one unique
-- index only: with a second one, whoever came between the two failed. The key is enough, for id and uid come together.
drop index artifacts_uid;
-- for: the session that somebody names by its uid
create index artifacts_uid on artifacts (model, uid) where uid is not null;
