import type { Database } from '../database/open-database.js';

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
}

export async function updateConsentDefaults(
  db: Database,
  accountId: string,
  { maxCost, lifetimeSeconds }: ConsentDefaultsChange,
): Promise<void> {
  const values = {
    ...(maxCost !== undefined && { default_max_cost: maxCost }),
    ...(lifetimeSeconds !== undefined && { default_lifetime_seconds: lifetimeSeconds }),
  };
  if (Object.keys(values).length === 0) return;
  await db
    .insertInto('account_settings')
    .values({ account_id: accountId, ...values })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet(values))
    .execute();
}
