import type { Database } from '../database/open-database.js';
import { insertAuditEvent } from './audit-events.js';
import { setAccountLimit } from './update-limits.js';

interface NewAccountRecord {
  readonly accountId: string;
  /** The limit with which the account begins, in nano-US-dollars; undefined: none. */
  readonly maxCostPerMonth: bigint | undefined;
  /** Set if an operator made the account, and not its owner. */
  readonly by?: 'operator';
}

/**
 * Sets the limit of an account that this transaction has just inserted, and writes the audit event of the account. The
 * event contains the limit, so the limit has no event of its own.
 */
export async function recordNewAccount(
  transaction: Database,
  { accountId, maxCostPerMonth, by }: NewAccountRecord,
): Promise<void> {
  if (maxCostPerMonth !== undefined) await setAccountLimit(transaction, { accountId, maxCostPerMonth, mayRaise: true });
  await insertAuditEvent(transaction, {
    event: 'account_created',
    accountId,
    detail: {
      ...(by !== undefined && { by }),
      ...(maxCostPerMonth !== undefined && { max_cost_per_month: maxCostPerMonth.toString() }),
    },
  });
}
