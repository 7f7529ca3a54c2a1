-- `mark_simulated` now returns whether it found the reservation. PostgreSQL cannot change the result type of a
-- function, so the function is dropped here and created again. No release has called it yet.
-- needs-release: 1
drop function if exists mark_simulated(uuid, text);
