import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { hashSecret } from '../hash-secret.js';

export type ChallengeKind = 'account_creation' | 'passkey_registration' | 'passkey_sign_in' | 'second_factor';

export interface SignInChallenge {
  readonly kind: ChallengeKind;
  /** 256 random bits, base64url. Only its hash is stored. */
  readonly value: string;
}

export interface NewSignInChallenge extends SignInChallenge {
  /** Undefined: the account is not known yet. */
  readonly accountId: string | undefined;
  readonly lifetimeSeconds: number;
}

export async function insertSignInChallenge(db: Database, challenge: NewSignInChallenge): Promise<void> {
  const { kind, value, accountId, lifetimeSeconds } = challenge;
  await db
    .insertInto('sign_in_challenges')
    .values({
      value_hash: hashSecret(value),
      kind,
      account_id: accountId ?? null,
      expires_at: sql`now() + make_interval(secs => ${lifetimeSeconds})`,
    })
    .execute();
}

/** Uses a challenge up. @returns undefined when it is unknown, has expired or was used */
export async function consumeSignInChallenge(
  db: Database,
  { kind, value }: SignInChallenge,
): Promise<{ readonly accountId: string | undefined } | undefined> {
  const { rows } = await sql<{ account_id: string | null }>`
    delete from sign_in_challenges where value_hash = ${hashSecret(value)} and kind = ${kind} and expires_at > now()
    returning account_id`.execute(db);
  const row = rows[0];
  return row && { accountId: row.account_id ?? undefined };
}

/** Finds a challenge without using it up. @returns undefined when it is unknown, has expired or was used */
export async function findSignInChallenge(
  db: Database,
  { kind, value }: SignInChallenge,
): Promise<{ readonly accountId: string | undefined } | undefined> {
  const row = await db
    .selectFrom('sign_in_challenges')
    .select('account_id')
    .where('value_hash', '=', hashSecret(value))
    .where('kind', '=', kind)
    .where('expires_at', '>', sql<Date>`now()`)
    .executeTakeFirst();
  return row && { accountId: row.account_id ?? undefined };
}
