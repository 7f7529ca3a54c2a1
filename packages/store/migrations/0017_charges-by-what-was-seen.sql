-- Further ways in which the cost of a request is found. `produced`: by what was seen of its answer. `doubted`: as set
-- aside, because the upstream reported more than can have been used; an operator may correct it.
-- Not validated: existing rows have passed stricter checks, and reading them all would block all requests.
alter table ledger
  drop constraint ledger_settlement,
  add constraint ledger_settlement check (settlement in
    ('reported', 'produced', 'estimated', 'doubted', 'abandoned', 'unbilled', 'released', 'corrected', 'withdrawn'))
    not valid;
