-- A replica that was declared dead by mistake settles its requests later. Their reservations were charged in full by
-- then, so the settlement adds a row to the ledger that corrects the charge.

-- The charges of requests whose replica was declared dead. They are kept for as long as a correction may come.
create table abandoned_requests (
  request_id uuid primary key,
  grant_id text not null,
  account_id text not null,
  admitted_at timestamptz not null,
  charged bigint not null,
  estimate bigint not null,
  day date not null,
  month date not null,
  client_id text not null,
  upstream text not null,
  model text not null,
  operation text not null,
  catalogue_version text not null,
  -- as in `reservations`
  operator_month date,
  expires_at timestamptz not null default now() + interval '1 day'
);
-- for: the removal of expired rows
create index abandoned_requests_expires_at on abandoned_requests (expires_at);

-- `corrected`: the real cost of the request in `corrects`, minus the charge. `withdrawn`: the request was never sent,
-- so it no longer counts as a request either.
-- Not validated: existing rows have passed stricter checks, and reading them all would block all requests.
alter table ledger
  add column corrects uuid,
  drop constraint ledger_settlement,
  add constraint ledger_settlement check (settlement in
    ('reported', 'estimated', 'abandoned', 'unbilled', 'released', 'corrected', 'withdrawn')) not valid,
  drop constraint ledger_cost_is_not_negative,
  add constraint ledger_cost_is_not_negative check (cost >= 0 or corrects is not null) not valid,
  add constraint ledger_corrections_say_what_they_correct
    check ((settlement in ('corrected', 'withdrawn')) = (corrects is not null)) not valid;
