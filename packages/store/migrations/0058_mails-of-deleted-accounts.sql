-- The mail that tells an owner that the account was deleted must stay when the account is deleted. It has no account.
alter table mails alter column account_id drop not null;
