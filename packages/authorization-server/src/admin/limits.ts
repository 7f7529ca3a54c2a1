import { parseUsd } from '@aipassport/policy';
import {
  findAccountStanding,
  lockAccount,
  lockOperatorCaps,
  readOperatorCaps,
  setAccountOperatorCap,
  setOperatorCaps,
} from '@aipassport/store/authorization';
import { readDraft } from '../api/bodies.js';
import { getOneAccount } from '../api/operator-account.js';
import { requireNoneWrong, unknownObject } from '../api/refusals.js';
import { getSharedKeys } from '../api/shared-keys.js';
import type { WrongMember } from '../denials/denial.js';
import type { Dependencies } from '../dependencies.js';
import { formatCap } from '../operator/cap-field.js';
import type { AdminCall, Specified } from './admin-call.js';

/** `PATCH /api/admin/limits`: the caps on what the operator's provider keys may cost in a month. */
export async function changeLimits(deps: Dependencies, { ctx, caller }: AdminCall): Promise<Specified['SharedKeys']> {
  const { operatorCaps: bounds } = deps.configuration;
  const { sent, wrong } = await readDraft(deps, ctx, 'LimitsChange');
  const ofAll = readSentCap('all_accounts', sent.all_accounts, bounds.ofAll);
  const ofAccount = readSentCap('each_account', sent.each_account, bounds.ofAccount);
  requireNoneWrong(wrong, [...ofAll.wrong, ...ofAccount.wrong]);
  await deps.db.transaction().execute(async (transaction) => {
    await lockOperatorCaps(transaction);
    const present = await readOperatorCaps(transaction);
    const caps = {
      ofAll: choose(ofAll.cap, present.ofAll),
      ofAccount: choose(ofAccount.cap, present.ofAccount),
    };
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
  const { sent, wrong } = await readDraft(deps, call.ctx, 'AccountLimitsChange');
  const read = readSentCap('shared_keys', sent.shared_keys, deps.configuration.operatorCaps.ofAccount);
  requireNoneWrong(wrong, read.wrong);
  const cap = read.cap ?? undefined;
  if ((await findAccountStanding(deps.db, accountId)) === undefined) throw unknownObject();
  await deps.db.transaction().execute(async (transaction) => {
    await lockAccount(transaction, accountId);
    await lockOperatorCaps(transaction);
    await setAccountOperatorCap(transaction, { accountId, cap, by: caller.by });
  });
  return getOneAccount(deps, call);
}

interface SentCap {
  /** Null: the cap is removed. Undefined: it was not sent. */
  readonly cap: bigint | null | undefined;
  readonly wrong: readonly WrongMember[];
}

function readSentCap(name: string, sent: Specified['NewCap'] | undefined, bound: bigint | undefined): SentCap {
  const text = sent?.max_cost_usd_per_month;
  if (text === undefined || text === null) return { cap: text, wrong: [] };
  const cap = parseUsd(text);
  const member = `${name}.max_cost_usd_per_month`;
  const refuse = (rule: string) => ({ cap, wrong: [{ member, rule }] });
  if (cap === undefined) return refuse('must be an amount in US dollars, such as 2.50, or null');
  if (bound !== undefined && cap > bound)
    return refuse(`must be at most ${formatCap(bound)}, the cap in the configuration`);
  return { cap, wrong: [] };
}

function choose(sent: bigint | null | undefined, present: bigint | undefined): bigint | undefined {
  return sent === undefined ? present : (sent ?? undefined);
}
