-- `mark_simulated` returns whether it found the reservation. PostgreSQL cannot change the result of a function, so it is
-- defined anew. No release has called it yet.
-- needs-release: 1
drop function if exists mark_simulated(uuid, text);
