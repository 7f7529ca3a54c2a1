import {
  findAccountOperatorCap,
  type OperatorSpending,
  readOperatorCaps,
  readOperatorSpending,
} from '@aipassport/store/authorization';
import type { Dependencies } from '../dependencies.js';
import { lowestCap } from './lowest-cap.js';

/**
 * Whether an account may spend with the operator's provider keys now. `used_up`: not in this month (UTC), because a cap
 * is reached. `not_allowed`: a cap is zero.
 */
export type OperatorKeyUse = 'usable' | 'used_up' | 'not_allowed';

/**
 * Judges by the caps with which the resource proxies admit requests. Amounts that are only reserved do not count,
 * because they may become free in a moment.
 * @param accountId undefined: for an account that is not known yet
 */
export async function judgeOperatorKeys(
  { db, configuration }: Pick<Dependencies, 'db' | 'configuration'>,
  accountId: string | undefined,
): Promise<OperatorKeyUse> {
  const { operatorCaps: bounds } = configuration;
  const caps = await readOperatorCaps(db);
  const ownCap = accountId === undefined ? undefined : await findAccountOperatorCap(db, accountId);
  const capOfAll = lowestCap(caps.ofAll, bounds.ofAll);
  const capOfAccount = lowestCap(ownCap ?? caps.ofAccount, bounds.ofAccount);
  if (capOfAll === 0n || capOfAccount === 0n) return 'not_allowed';
  if (isReached(await readOperatorSpending(db), capOfAll)) return 'used_up';
  if (accountId === undefined) return 'usable';
  return isReached(await readOperatorSpending(db, accountId), capOfAccount) ? 'used_up' : 'usable';
}

function isReached({ cost, reserved }: OperatorSpending, cap: bigint | undefined): boolean {
  return cap !== undefined && cost - reserved >= cap;
}
