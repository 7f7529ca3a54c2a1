import { limitTable } from '@aipassport/policy';
import { acceptsNoLimit, type LimitTexts, readLimitTexts } from '../limits/limit-texts.js';
import type { ChosenExpiry } from '../limits/read-expiry.js';
import { readChosenEnd, resolveTyped, typedAmount } from '../limits/resolve-typed.js';
import { type Form, fieldList, fieldText } from '../read-form.js';

/**
 * The contents of the form's fields. At first they are proposed: see `proposeFields`. When the form is shown again,
 * they are the owner's values.
 */
export interface ConsentFields extends ChosenExpiry {
  readonly tickedTokens: readonly string[];
  /** `maxCost` is the amount that counts, whichever radio button it comes from. */
  readonly limits: LimitTexts;
  /**
   * The selected radio button for the total spending limit: an amount, `other` or `none`. Empty: no button is selected.
   * undefined: the form has no such buttons, and `limits.maxCost` counts.
   */
  readonly spending: string | undefined;
  readonly acceptsNoLimit: boolean;
  /** Whether the app's existing access is replaced or stays; undefined: the page showed no existing access. */
  readonly existingAccess: ExistingChoice | undefined;
  /** Whether the spending limit and the lifetime are to be filled in for other apps. */
  readonly remembers: boolean;
}

export type ExistingChoice = 'replace' | 'add';

interface ReadFields {
  readonly fields: ConsentFields;
  /** Whether the owner typed an amount and also selected another choice. */
  readonly isSpendingUnclear: boolean;
}

/** Reads the fields of the form, which `trimLimitTexts` has already changed. */
export function readConsentFields(form: Form): ReadFields {
  const { spending, maxCost, isUnclear } = readSpending(form);
  const fields = {
    tickedTokens: fieldList(form, 'scope'),
    limits: { ...readLimitTexts(form), maxCost },
    spending,
    acceptsNoLimit: acceptsNoLimit(form),
    existingAccess: readExistingChoice(form),
    remembers: fieldText(form, 'remember') === 'on',
    ...readChosenEnd(form),
  };
  return { fields, isSpendingUnclear: isUnclear };
}

function readExistingChoice(form: Form): ExistingChoice | undefined {
  const choice = fieldText(form, 'existing_access');
  return choice === 'replace' || choice === 'add' ? choice : undefined;
}

interface Spending {
  readonly spending: string | undefined;
  readonly maxCost: string;
  readonly isUnclear: boolean;
}

function readSpending(form: Form): Spending {
  const { radio, text } = typedAmount;
  const typed = fieldText(form, text);
  if (form[`shown_${radio}`] === undefined)
    return { spending: undefined, maxCost: fieldText(form, radio), isUnclear: false };
  const chosen = resolveTyped(form, typedAmount);
  // The typed amount is kept, so that the page can show it again.
  if (chosen === undefined) return { spending: '', maxCost: typed, isUnclear: true };
  if (chosen === 'other') return { spending: 'other', maxCost: typed, isUnclear: false };
  if (form[radio] === undefined) return { spending: '', maxCost: typed, isUnclear: false };
  return { spending: chosen === '' ? 'none' : chosen, maxCost: chosen, isUnclear: false };
}

/** The field or group of fields with the total spending limit. */
export function spendingField({ spending }: ConsentFields): string {
  if (spending === undefined) return limitTable.maxCost.member;
  return spending === 'other' ? typedAmount.text : 'spending';
}
