-- What the operator requires of a client besides its metadata: `fapi_2_0` is the FAPI 2.0 Security Profile. A client
-- without a row has no profile. A separate table, because a new column in `clients` would break the prepared statements
-- of release 1.
create table client_profiles (
  client_id text primary key references clients (id) on delete cascade,
  profile text not null,
  constraint client_profiles_profile check (profile in ('fapi_2_0'))
);
