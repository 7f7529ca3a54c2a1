import { limitTable } from '@aipassport/policy';
import type { Database } from '@aipassport/store';
import {
  type AccountLimit,
  findAccountLimit,
  type OwnerSession,
  setAccountLimit,
} from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Dependencies } from '../dependencies.js';
import { noLimitUnaccepted } from '../limits/describe-choice-problem.js';
import { describeMalformedLimit } from '../limits/describe-limit.js';
import { formatAmountText } from '../limits/format-amount-text.js';
import { acceptsNoLimit, parseAmountText, trimLimitTexts } from '../limits/limit-texts.js';
import type { Problem } from '../pages/problem.js';
import { type Form, fieldText, findInvalidFields } from '../read-form.js';
import { confirmSignIn } from './confirm-sign-in.js';
import { isRecentlyAuthenticated } from './require-owner.js';
import { changeIfAsShown, isOutOfDate, outOfDateAt } from './shown-values.js';

const limitOutOfDate = outOfDateAt(limitTable.maxCostPerMonth.member, 'settings.limitTitle');

interface SentLimit {
  readonly owner: OwnerSession;
  readonly form: Form;
}

/** The contents of the form when it is shown again. */
export interface LimitFormView {
  /** What was typed. Undefined if another request has changed the limit: then the form shows the present limit. */
  readonly limitText?: string;
  readonly acceptsNoLimit?: boolean;
  /** Whether the form asks for the password or a passkey. */
  readonly isUnconfirmed?: boolean;
  readonly problems: readonly Problem[];
}

/**
 * Sets the limit on what all grants together may cost in a month. Raising or removing it requires a recent sign-in: see
 * `confirmSignIn`.
 * @returns the view in which the form is shown again; undefined when the limit is set
 */
export async function changeAccountLimit(
  deps: Dependencies,
  ctx: Context,
  sent: SentLimit,
): Promise<LimitFormView | undefined> {
  const { accountId } = sent.owner;
  const form = trimLimitTexts(sent.form);
  const current = await readLimitText(deps.db, accountId);
  const limitText = fieldText(form, limitTable.maxCostPerMonth.member);
  const maxCostPerMonth = parseAmountText(limitText);
  // A second press of the button finds the limit that the first press has set.
  const isSetAlready = maxCostPerMonth === parseAmountText(current);
  if (isOutOfDate(form, current)) return isSetAlready ? undefined : { problems: [limitOutOfDate] };
  const typed = { limitText, acceptsNoLimit: acceptsNoLimit(form) };
  const problem = findLimitProblem(deps, form, current);
  if (problem !== undefined) return { ...typed, problems: [problem] };
  const set = (mayRaise: boolean) =>
    changeIfAsShown(deps.db, {
      accountId,
      form,
      read: (transaction) => readLimitText(transaction, accountId),
      change: (transaction) => setAccountLimit(transaction, { accountId, maxCostPerMonth, mayRaise }),
    });
  let isSet = await set(isRecentlyAuthenticated(deps, sent.owner));
  if (isSet === false) {
    const question = 'password.toRaiseOverall';
    const unconfirmed = await confirmSignIn(deps, ctx, { owner: sent.owner, question });
    if (unconfirmed !== undefined) return { ...typed, isUnconfirmed: true, problems: [unconfirmed] };
    isSet = await set(true);
  }
  return isSet === undefined ? { problems: [limitOutOfDate] } : undefined;
}

/**
 * @param current the limit that applies now, as the form shows it; empty when there is none
 * @returns undefined when the form's limit may be set
 */
function findLimitProblem({ forms }: Pick<Dependencies, 'forms'>, form: Form, current: string): Problem | undefined {
  const text = fieldText(form, limitTable.maxCostPerMonth.member);
  const limit = parseAmountText(text);
  const isWellFormed = findInvalidFields(forms.accountLimit, form).length === 0;
  if (!isWellFormed || (limit !== undefined && !isAllowedAccountLimit(limit)))
    return describeMalformedLimit('maxCostPerMonth');
  const isRemoved = current !== '' && text === '';
  return isRemoved && !acceptsNoLimit(form) ? noLimitUnaccepted : undefined;
}

export function isAllowedAccountLimit(maxCostPerMonth: bigint): boolean {
  return maxCostPerMonth > 0n && maxCostPerMonth <= limitTable.maxCostPerMonth.max;
}

async function readLimitText(db: Database, accountId: string): Promise<string> {
  return formatLimit(await findAccountLimit(db, accountId));
}

/** The limit as the field shows it; empty when there is none. */
export function formatLimit(limit: AccountLimit | undefined): string {
  return limit === undefined ? '' : formatAmountText(limit.maxCostPerMonth);
}
