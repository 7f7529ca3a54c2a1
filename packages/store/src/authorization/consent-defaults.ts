import { sql } from 'kysely';
import { inTransaction } from '../database/in-transaction.js';
import type { Database } from '../database/open-database.js';
import { noteToken } from './note-token.js';

/** The values that an owner wants to see filled in when an app asks for access. */
export interface ConsentDefaults {
  /** The total spending limit, in nano-US-dollars. */
  readonly maxCost: bigint | undefined;
  readonly lifetimeSeconds: number | undefined;
}

export async function findConsentDefaults(db: Database, accountId: string): Promise<ConsentDefaults> {
  const row = await db
    .selectFrom('account_settings')
    .select(['default_max_cost', 'default_lifetime_seconds'])
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return {
    maxCost: row?.default_max_cost ?? undefined,
    lifetimeSeconds: row?.default_lifetime_seconds ?? undefined,
  };
}

/** A member that is undefined stays as it is. One that is null is cleared. */
export interface ConsentDefaultsChange {
  readonly maxCost?: bigint | null | undefined;
  readonly lifetimeSeconds?: number | null | undefined;
  /** The id of the API token with which a program of the owner asked; undefined when a person asked. */
  readonly apiToken?: string | undefined;
}

/** Changes the defaults, and writes the audit row if this makes a difference. */
export async function updateConsentDefaults(
  db: Database,
  accountId: string,
  { maxCost, lifetimeSeconds, apiToken }: ConsentDefaultsChange,
): Promise<void> {
  await inTransaction(db, async (transaction) => {
    const before = await findConsentDefaults(transaction, accountId);
    const after: ConsentDefaults = {
      maxCost: maxCost === undefined ? before.maxCost : (maxCost ?? undefined),
      lifetimeSeconds: lifetimeSeconds === undefined ? before.lifetimeSeconds : (lifetimeSeconds ?? undefined),
    };
    if (after.maxCost === before.maxCost && after.lifetimeSeconds === before.lifetimeSeconds) return;
    const values = {
      default_max_cost: after.maxCost ?? null,
      default_lifetime_seconds: after.lifetimeSeconds ?? null,
    };
    await transaction
      .insertInto('account_settings')
      .values({ account_id: accountId, ...values })
      .onConflict((conflict) => conflict.column('account_id').doUpdateSet(values))
      .execute();
    const detail = JSON.stringify({
      max_cost: after.maxCost?.toString() ?? null,
      max_cost_before: before.maxCost?.toString() ?? null,
      lifetime_seconds: after.lifetimeSeconds ?? null,
      lifetime_seconds_before: before.lifetimeSeconds ?? null,
    });
    await sql`
      insert into audit_events (event, account_id, detail)
      values ('defaults_changed', ${accountId}, ${detail}::jsonb || ${noteToken(transaction, apiToken)})`.execute(
      transaction,
    );
  });
}
