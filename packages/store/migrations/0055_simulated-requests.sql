-- Records whether the AI provider of a request was simulated. If so, the cost of the request was not paid.
-- `mark_simulated` writes this into the reservation before the request is sent, and the settlement copies it. False for
-- requests of earlier releases.
alter table abandoned_requests add column is_simulated boolean not null default false;
alter table reservations add column is_simulated boolean not null default false;
alter table ledger add column is_simulated boolean not null default false;
