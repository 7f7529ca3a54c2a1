import type { AccessRequest } from '@aipassport/policy';
import type { AccountLimit, OtherAppsCost } from '@aipassport/store/authorization';
import type { ConsentFields } from '../interaction/consent-fields.js';
import { formatAmountText } from '../limits/format-amount-text.js';
import { typedAmount } from '../limits/resolve-typed.js';
import { exactly, type Texts } from '../texts/texts.js';
import { describeAllApps, findRemainder, writeRest } from './all-apps.js';
import { Chips } from './chips.js';
import { MoneyInput } from './limit-fields.js';
import { NoLimit } from './no-limit.js';
import { FieldProblem, type Problem } from './parts.js';
import { useTexts } from './text.js';

interface SpendingFieldsProps {
  readonly request: AccessRequest;
  readonly fields: ConsentFields;
  /** The amounts to choose from. */
  readonly amounts: readonly bigint[];
  readonly accountLimit: AccountLimit | undefined;
  readonly otherApps: OtherAppsCost;
  readonly problems: readonly Problem[];
}

/** The choice of the total spending limit: a usual amount, another amount, or no limit. */
export function SpendingFields(props: SpendingFieldsProps) {
  const { request, fields, amounts, problems } = props;
  const texts = useTexts();
  const asked = request.limits.maxCost;
  const spending = readSpending(fields);
  const describedBy = problems.some(({ field }) => field === 'spending') ? 'spending-problem' : undefined;
  return (
    <fieldset class="spending-choice" id="spending" aria-describedby={describedBy}>
      <legend>{texts('spending.title')}</legend>
      <FieldProblem problems={problems} field="spending" />
      <Chips
        name="max_cost_usd"
        choices={[
          ...amounts.map((amount) => ({ value: formatAmountText(amount), text: texts.shortMoney(amount) })),
          { value: 'other', text: texts('spending.other') },
          ...(asked === undefined ? [{ value: '', text: texts('spending.none') }] : []),
        ]}
        chosen={spending === 'none' ? '' : spending || undefined}
      />
      <OtherAmount {...props} />
      {asked === undefined && <NoLimit isAccepted={fields.acceptsNoLimit} problems={problems} />}
      {asked !== undefined && formatAmountText(asked) !== spending && (
        <p class="aside">{texts('spending.asked', { amount: exactly(asked) })}</p>
      )}
      <AllApps {...props} />
    </fieldset>
  );
}

/**
 * The chosen radio button: an amount, `other`, `none`, or an empty text when no button is selected. A form of the
 * previous release has no radio buttons, only the amount; an empty amount means `none`.
 */
function readSpending({ spending, limits }: ConsentFields): string {
  return spending ?? (limits.maxCost || 'none');
}

/** Shown only while the radio button `other` is selected, or no radio button. */
function OtherAmount({ fields, problems }: SpendingFieldsProps) {
  const texts = useTexts();
  const spending = readSpending(fields);
  const { text: name } = typedAmount;
  const text = spending === 'other' || spending === '' ? fields.limits.maxCost : '';
  return (
    <div class="other-amount">
      <label for={name}>{texts('spending.amount')}</label>
      <MoneyInput name={name} text={text} problems={problems} />
      <FieldProblem problems={problems} field={name} />
      <input type="hidden" name="shown_max_cost_usd" value={shownValue(spending)} />
      <input type="hidden" name={`shown_${name}`} value={text} />
    </div>
  );
}

/** The value of the selected radio button; `nothing` when no button is selected. No button has the value `nothing`. */
function shownValue(spending: string): string {
  if (spending === 'none') return '';
  return spending === '' ? 'nothing' : spending;
}

/** What the owner's other apps can still spend, and the limit on the spending of all apps together. */
function AllApps({ accountLimit, otherApps }: SpendingFieldsProps) {
  const texts = useTexts();
  const left = accountLimit && findRemainder(accountLimit);
  const others = describeOthers(otherApps, left, texts);
  const all = accountLimit && describeAllApps(accountLimit, texts);
  if (others === undefined && all === undefined) return null;
  return (
    <p class="aside">
      {others !== undefined && <span>{others}</span>} {all !== undefined && <span>{all}</span>}
    </p>
  );
}

/** The limit on all apps together bounds the other apps too. */
function describeOthers(
  { isUnlimited, monthRest }: OtherAppsCost,
  left: bigint | undefined,
  texts: Texts,
): string | undefined {
  if (isUnlimited && left === undefined) return texts('spending.otherAppsNoLimit');
  const amount = left !== undefined && (isUnlimited || left < monthRest) ? left : monthRest;
  return amount === 0n ? undefined : texts('spending.otherApps', { amount: writeRest(amount, amount, texts) });
}
