import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';

/** An account as an operator sees it: no content, and nothing secret. */
export interface AccountStanding {
  readonly id: string;
  readonly email: string;
  readonly timeZone: string;
  readonly createdAt: Date;
  readonly disabledAt: Date | undefined;
  readonly isOperator: boolean;
  readonly mayInvite: boolean;
  readonly hasAuthenticatorApp: boolean;
  /** The providers for which the owner has stored a provider key. */
  readonly ownKeys: readonly string[];
}

export async function findAccountStanding(db: Database, accountId: string): Promise<AccountStanding | undefined> {
  const { rows } = await sql<AccountStanding & { readonly disabledSince: Date | null }>`
    select id, email, time_zone as "timeZone", created_at as "createdAt", disabled_at as "disabledSince",
      exists (select from operators o where o.account_id = a.id) as "isOperator",
      exists (select from inviters i where i.account_id = a.id) as "mayInvite",
      exists (select from authenticator_apps t where t.account_id = a.id and t.confirmed_at is not null)
        as "hasAuthenticatorApp",
      array(select k.upstream from provider_keys k where k.account_id = a.id order by k.upstream) as "ownKeys"
    from accounts a where id = ${accountId}`.execute(db);
  const [row] = rows;
  if (row === undefined) return undefined;
  const { disabledSince, ...standing } = row;
  return { ...standing, disabledAt: disabledSince ?? undefined };
}
