import { parseUsd } from '@aipassport/policy';
import {
  findAccountStanding,
  lockAccount,
  lockOperatorCaps,
  readOperatorCaps,
  setAccountOperatorCap,
  setOperatorCaps,
} from '@aipassport/store/authorization';
import { readJson } from '../api/bodies.js';
import { getOneAccount } from '../api/operator-account.js';
import { invalid, unknownObject } from '../api/refusals.js';
import { getSharedKeys } from '../api/shared-keys.js';
import type { Dependencies } from '../dependencies.js';
import { formatCap } from '../operator/cap-field.js';
import type { AdminCall, Specified } from './admin-call.js';

/** `PATCH /api/admin/limits`: the caps on what the operator's provider keys may cost in a month. */
export async function changeLimits(deps: Dependencies, { ctx, caller }: AdminCall): Promise<Specified['SharedKeys']> {
  const { operatorCaps: bounds } = deps.configuration;
  const sent = await readJson(deps, ctx, 'LimitsChange');
  const ofAll = readSentCap('all_accounts', sent.all_accounts, bounds.ofAll);
  const ofAccount = readSentCap('each_account', sent.each_account, bounds.ofAccount);
  await deps.db.transaction().execute(async (transaction) => {
    await lockOperatorCaps(transaction);
    const present = await readOperatorCaps(transaction);
    const caps = { ofAll: choose(ofAll, present.ofAll), ofAccount: choose(ofAccount, present.ofAccount) };
    await setOperatorCaps(transaction, caps, caller.accountId);
  });
  return getSharedKeys(deps);
}

/** `PATCH /api/admin/accounts/:account_id/limits`: the cap of one account. */
export async function changeAccountLimits(
  deps: Dependencies,
  call: AdminCall,
): Promise<Specified['InstanceAccountDetails']> {
  const { value: accountId, caller } = call;
  const { shared_keys: sent } = await readJson(deps, call.ctx, 'AccountLimitsChange');
  const cap = readSentCap('shared_keys', sent, deps.configuration.operatorCaps.ofAccount) ?? undefined;
  if ((await findAccountStanding(deps.db, accountId)) === undefined) throw unknownObject();
  await deps.db.transaction().execute(async (transaction) => {
    await lockAccount(transaction, accountId);
    await lockOperatorCaps(transaction);
    await setAccountOperatorCap(transaction, { accountId, cap, by: caller.by });
  });
  return getOneAccount(deps, call);
}

/** @returns null to remove the cap; undefined when it was not sent */
function readSentCap(
  member: string,
  sent: Specified['NewCap'] | undefined,
  bound: bigint | undefined,
): bigint | null | undefined {
  const text = sent?.max_cost_usd_per_month;
  if (text === undefined || text === null) return text;
  const cap = parseUsd(text);
  const path = `${member}.max_cost_usd_per_month`;
  if (cap === undefined) throw invalid(path, 'must be an amount in US dollars, such as 2.50, or null');
  if (bound !== undefined && cap > bound)
    throw invalid(path, `must be at most ${formatCap(bound)}, the cap in the configuration`);
  return cap;
}

function choose(sent: bigint | null | undefined, present: bigint | undefined): bigint | undefined {
  return sent === undefined ? present : (sent ?? undefined);
}
