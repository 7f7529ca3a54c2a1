import { createHash } from 'node:crypto';
import type { Database } from '@aipassport/store';
import { lockAccount } from '@aipassport/store/authorization';
import type { Problem } from '../pages/problem.js';
import { type Form, fieldText } from '../read-form.js';
import { type FixedId, message } from '../texts/texts.js';

/** A field of forms that change settings and limits. Its value is a hash of the values that the page showed. */
export const shownField = 'shown';

/** Shown with the current values when another tab or an app has changed them since the page was shown. */
export const outOfDate: Problem = { field: undefined, message: message('common.changedMeanwhile') };

/** The same problem for a page with several forms. It contains the name of the form. */
export function outOfDateAt(field: string, label: FixedId): Problem {
  return { ...outOfDate, field, label };
}

export function hashShown(values: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(values ?? null))
    .digest('base64url');
}

/** Whether the form belongs to a page that showed other values. An old tab must not bring back an old value. */
export function isOutOfDate(form: Form, current: unknown): boolean {
  return fieldText(form, shownField) !== hashShown(current);
}

interface ChangeOfAccount<Result> {
  readonly accountId: string;
  readonly form: Form;
  readonly read: (transaction: Database) => Promise<unknown>;
  readonly change: (transaction: Database) => Promise<Result>;
}

/**
 * Makes a change if the page showed the values that `read` returns. Other changes of the same account wait meanwhile.
 * @returns the result of `change`; undefined when the values have changed, so that nothing is done
 */
export async function changeIfAsShown<Result>(
  db: Database,
  { accountId, form, read, change }: ChangeOfAccount<Result>,
): Promise<Result | undefined> {
  return db.transaction().execute(async (transaction) => {
    await lockAccount(transaction, accountId);
    return isOutOfDate(form, await read(transaction)) ? undefined : change(transaction);
  });
}
