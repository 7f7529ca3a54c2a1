-- `move_operator_spending` now takes an array for each column. No release has called the function with the former
-- parameters.
-- needs-release: 1
drop function if exists move_operator_spending(operator_spending[]);
