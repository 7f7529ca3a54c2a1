-- The settings with which each proxy runs, without secrets. The operator's page shows them.
create table replica_settings (
  replica_id text primary key,
  settings jsonb not null,
  constraint replica_settings_replica_id_fkey foreign key (replica_id) references replicas (id) on delete cascade
);
