-- concurrently: invitations_created_at
-- for: the operator's list of invitations, the newest first
create index concurrently invitations_created_at on invitations (created_at, id);
