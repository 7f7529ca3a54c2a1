-- `usage_of_months` replaces this function. No release has called it.
-- needs-release: 1
drop function if exists usage_of_month(text, date);
