import type { OperatorSpending } from '@aipassport/store/authorization';
import { exactly, type FixedId, partOf } from '../texts/texts.js';
import { Meter } from './charts.js';
import { MoneyInput } from './limit-fields.js';
import { FieldProblem, type Problem } from './parts.js';
import { Text, useTexts } from './text.js';

interface CapUseProps {
  readonly spending: OperatorSpending;
  /** The lowest of these caps applies. undefined: no cap. */
  readonly caps: readonly (bigint | undefined)[];
}

/** Shows the spending with the operator's keys this month, and the amount that the lowest cap still allows. */
export function CapUse({ spending: { cost, reserved }, caps }: CapUseProps) {
  const texts = useTexts();
  const cap = caps.reduce((least, one) => (one !== undefined && (least === undefined || one < least) ? one : least));
  return (
    <div class="overall">
      {cap !== undefined && <Meter value={cost} largest={cap} />}
      <p>
        {cap === undefined ? (
          <Text id="operator.spentWithoutCap" strong={<strong />} cost={cost} />
        ) : (
          <Text
            id="operator.spentOfCap"
            strong={<strong />}
            cost={partOf(cap, cost)}
            cap={exactly(cap)}
            left={partOf(cap, cap > cost ? cap - cost : 0n)}
          />
        )}
        {reserved > 0n && ` ${texts('operator.reservedOfCap', { reserved })}`}
      </p>
    </div>
  );
}

interface CapFieldProps {
  readonly name: string;
  readonly heading: FixedId;
  readonly text: string;
  readonly hint: string;
  readonly problems: readonly Problem[];
}

export function CapField({ name, heading, text, hint, problems }: CapFieldProps) {
  const texts = useTexts();
  return (
    <>
      <label for={name}>{texts(heading)}</label>
      <MoneyInput name={name} text={text} problems={problems} placeholder={texts('operator.noCap')} hasHint />
      <FieldProblem problems={problems} field={name} />
      <small id={`${name}-hint`}>{hint}</small>
    </>
  );
}
