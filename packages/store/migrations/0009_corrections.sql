-- A replica that was taken for dead while it lived settles what it had admitted after all. What it had set aside was
-- charged in full by then: its settlement is a further row of the ledger, which corrects that charge.

-- What was charged for requests of replicas that were taken for dead, for as long as a correction may come.
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

-- `corrected`: what the request `corrects` really cost, less what was charged. `withdrawn`: it was never sent, and does
-- not count as a request any more either.
-- Not validated: the rows that are there have passed stricter checks, and reading them all would hold everybody up.
alter table ledger
  add column corrects uuid,
  drop constraint ledger_settlement,
  add constraint ledger_settlement check (settlement in
    ('reported', 'estimated', 'abandoned', 'unbilled', 'released', 'corrected', 'withdrawn')) not valid,
  drop constraint ledger_cost_is_not_negative,
  add constraint ledger_cost_is_not_negative check (cost >= 0 or corrects is not null) not valid,
  add constraint ledger_corrections_say_what_they_correct
    check ((settlement in ('corrected', 'withdrawn')) = (corrects is not null)) not valid;
