import { isUsdKind, type LimitKind, type Limits, limitKinds, limitTable } from '@aipassport/policy';
import type { ComponentChildren } from 'preact';
import type { LimitTexts } from '../limits/limit-texts.js';
import { limitWords } from '../limits/limit-words.js';
import { exactly, type Texts } from '../texts/texts.js';
import { FieldProblem, invalidity, type Problem } from './parts.js';
import { useTexts } from './text.js';

interface LimitFieldsProps {
  readonly texts: LimitTexts;
  /** The limits that the client asks for, which the owner cannot exceed. */
  readonly asked: Limits;
  readonly problems: readonly Problem[];
  readonly children?: ComponentChildren;
}

/**
 * The fields of the main limits, and a part of the page with the other limits. That part is open when the client asks
 * for one of the other limits or one of them has a problem.
 */
export function LimitFields({ children, ...props }: LimitFieldsProps) {
  const { texts: values, asked, problems } = props;
  const texts = useTexts();
  const more = limitKinds.filter((kind) => !limitTable[kind].isMain);
  const isOpen = more.some(
    (kind) => asked[kind] !== undefined || problems.some(({ field }) => field === limitTable[kind].member),
  );
  return (
    <fieldset class="limits">
      <legend>
        {texts('limits.title')}{' '}
        {limitKinds.every((kind) => asked[kind] === undefined) && <small>{texts('limits.leaveBlank')}</small>}
      </legend>
      <div class="grid">
        {limitKinds
          .filter((kind) => limitTable[kind].isMain)
          .map((kind) => (
            <LimitField key={kind} kind={kind} {...props} />
          ))}
      </div>
      {children}
      <details open={isOpen}>
        <summary>
          {texts('limits.more')} <small>{summarize(more, values, texts)}</small>
        </summary>
        <div class="grid">
          {more.map((kind) => (
            <LimitField key={kind} kind={kind} {...props} />
          ))}
        </div>
      </details>
    </fieldset>
  );
}

/** The other limits that are set. Without this text, the owner would not see them while the part is closed. */
function summarize(kinds: readonly LimitKind[], values: LimitTexts, texts: Texts): string {
  return kinds
    .filter((kind) => values[kind] !== '')
    .map((kind) => texts(limitWords[kind].value, { limit: `${isUsdKind(kind) ? '$' : ''}${values[kind]}` }))
    .join(', ');
}

type LimitFieldProps = Omit<LimitFieldsProps, 'children'> & { readonly kind: LimitKind };

function LimitField({ kind, texts: values, asked, problems }: LimitFieldProps) {
  const texts = useTexts();
  const most = asked[kind];
  const { member: name } = limitTable[kind];
  const { label, note } = limitWords[kind];
  return (
    <div>
      <label for={name}>{texts(label)}</label>
      <LimitInput kind={kind} text={values[kind]} problems={problems} />
      <FieldProblem problems={problems} field={name} />
      {note !== undefined && <small>{texts(note)}</small>}
      {most !== undefined && <small>{texts('limits.requested', { limit: exactly(most) })}</small>}
    </div>
  );
}

interface LimitInputProps {
  readonly kind: LimitKind;
  readonly text: string;
  readonly problems: readonly Problem[];
}

/**
 * Uses a text field even for numbers. If a number field contains anything else, browsers send an empty value, and an
 * empty value means no limit.
 */
export function LimitInput({ kind, text, problems }: LimitInputProps) {
  const texts = useTexts();
  const { member: name, unit } = limitTable[kind];
  const input = (
    <input
      id={name}
      name={name}
      type="text"
      inputMode={unit === 'usd' ? 'decimal' : 'numeric'}
      autocomplete="off"
      maxLength={20}
      placeholder={texts('limits.none')}
      value={text}
      {...invalidity(problems, name)}
    />
  );
  if (unit !== 'usd') return input;
  return (
    <div class="money">
      <span aria-hidden="true">$</span>
      {input}
    </div>
  );
}
