-- The limits that an owner wants to see filled in when an app asks for access, and the overall limit with which an
-- account begins. Without values, the operator's defaults are filled in.
alter table account_settings add default_max_cost bigint;
alter table account_settings add default_lifetime_seconds integer;
alter table account_settings add constraint account_settings_default_max_cost
  check (default_max_cost > 0) not valid;
alter table account_settings add constraint account_settings_default_lifetime_seconds
  check (default_lifetime_seconds between 60 and 31536000) not valid;
