import { type LimitKind, type Limits, limitKinds, limitTable } from '@aipassport/policy';
import type { ComponentChildren } from 'preact';
import { formatLimit } from '../limits/describe-limit.js';
import type { LimitTexts } from '../limits/limit-texts.js';
import { FieldProblem, invalidity, type Problem } from './parts.js';

interface LimitFieldsProps {
  readonly texts: LimitTexts;
  /** The limits that the client asks for, which the owner cannot exceed. */
  readonly asked: Limits;
  readonly problems: readonly Problem[];
  readonly children?: ComponentChildren;
}

/**
 * The fields of the main limits, and a part with the other limits. That part is open when the client asks for one of
 * them or one has a problem.
 */
export function LimitFields({ children, ...props }: LimitFieldsProps) {
  const { texts, asked, problems } = props;
  const more = limitKinds.filter((kind) => !limitTable[kind].isMain);
  const isOpen = more.some(
    (kind) => asked[kind] !== undefined || problems.some(({ field }) => field === limitTable[kind].member),
  );
  return (
    <fieldset class="limits">
      <legend>
        How much <small>Empty means no limit.</small>
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
          More limits <small>{summarize(more, texts)}</small>
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
function summarize(kinds: readonly LimitKind[], texts: LimitTexts): string {
  return kinds
    .filter((kind) => texts[kind] !== '')
    .map((kind) => `${limitTable[kind].unit === 'usd' ? '$' : ''}${texts[kind]} ${limitTable[kind].per}`)
    .join(', ');
}

type LimitFieldProps = Omit<LimitFieldsProps, 'children'> & { readonly kind: LimitKind };

function LimitField({ kind, texts, asked, problems }: LimitFieldProps) {
  const most = asked[kind];
  const { member: name, label, note } = limitTable[kind];
  return (
    <div>
      <label for={name}>{label}</label>
      <LimitInput kind={kind} text={texts[kind]} problems={problems} />
      <FieldProblem problems={problems} field={name} />
      {note !== undefined && <small>{note}</small>}
      {most !== undefined && <small>The app asks for {formatLimit(most)}; you may lower it.</small>}
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
  const { member: name, unit } = limitTable[kind];
  const input = (
    <input
      id={name}
      name={name}
      type="text"
      inputMode={unit === 'usd' ? 'decimal' : 'numeric'}
      autocomplete="off"
      maxLength={20}
      placeholder="No limit"
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
