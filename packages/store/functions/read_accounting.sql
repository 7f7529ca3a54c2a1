-- For the metrics of the proxies: what is reserved and not settled, the charges of dead replicas that may still be
-- corrected, and the rows in the ledger's default partition, counted up to a hundred thousand. It returns sums and
-- counts, and no data of single accounts. The age does not count requests that the upstream answers in the background,
-- because these may take any time.
create or replace function read_accounting() returns table (
  reserved_nano_usd bigint, open_reservations integer, oldest_seconds double precision, abandoned_requests integer,
  misplaced_rows integer
) language sql stable security definer set search_path = public, pg_temp as $$
  select coalesce(sum(reserved), 0)::bigint, count(*)::integer,
    coalesce(extract(epoch from now() - min(admitted_at) filter (where replica_id <> 'background')), 0)::double precision,
    (select count(*)::integer from abandoned_requests),
    (select count(*)::integer from (select from ledger_default limit 100000) as d)
  from reservations
$$;
