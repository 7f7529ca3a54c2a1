import { isUsdKind, type LimitKind, type Limits, limitKinds, limitTable, parseUsd } from '@aipassport/policy';
import type { ComponentChildren } from 'preact';
import { type LimitTexts, parseLimitTexts } from '../limits/limit-texts.js';
import { limitWords } from '../limits/limit-words.js';
import { exactly, type Texts } from '../texts/texts.js';
import { described, FieldProblem, invalidity, type Problem } from './parts.js';
import { useTexts } from './text.js';

/** All limits besides the total spending limit, which the consent page shows first. */
export const rareLimits: readonly LimitKind[] = limitKinds.filter((kind) => kind !== 'maxCost');

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
  const { asked } = props;
  const texts = useTexts();
  const more = limitKinds.filter((kind) => !limitTable[kind].isMain);
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
      <MoreLimits kinds={more} isOpen={more.some((kind) => asked[kind] !== undefined)} {...props} />
    </fieldset>
  );
}

interface MoreLimitsProps extends Omit<LimitFieldsProps, 'children'> {
  readonly kinds: readonly LimitKind[];
  /** Whether the part is open even if no limit in it has a problem. */
  readonly isOpen: boolean;
}

/** A part of the page with rarely used limits, which can be closed. Its heading lists the limits in it that are set. */
export function MoreLimits({ kinds, isOpen, ...props }: MoreLimitsProps) {
  const { texts: values, problems } = props;
  const texts = useTexts();
  const hasProblem = kinds.some((kind) => problems.some(({ field }) => field === limitTable[kind].member));
  return (
    <details open={isOpen || hasProblem}>
      <summary>
        {texts('limits.more')} <MoreLimitsSet kinds={kinds} values={values} />
      </summary>
      <div class="grid">
        {kinds.map((kind) => (
          <LimitField key={kind} kind={kind} {...props} />
        ))}
      </div>
    </details>
  );
}

/** The limits that are set, for the heading. The script of the consent page replaces the list after each edit. */
export function MoreLimitsSet({
  kinds,
  values,
}: {
  readonly kinds: readonly LimitKind[];
  readonly values: LimitTexts;
}) {
  return <small data-live="more">{summarize(kinds, values, useTexts())}</small>;
}

/** Lists the limits of the part that are set. Without this text, the owner would not see them while it is closed. */
function summarize(kinds: readonly LimitKind[], values: LimitTexts, texts: Texts): string {
  return kinds
    .filter((kind) => values[kind] !== '')
    .map((kind) => texts(limitWords[kind].value, { limit: formatLimit(kind, values[kind], texts) }))
    .join(', ');
}

/** A text that is not a valid limit is shown as it was typed. */
function formatLimit(kind: LimitKind, text: string, texts: Texts): string {
  const amount = isUsdKind(kind) ? parseUsd(text) : undefined;
  return amount === undefined ? text : texts.limit(amount);
}

type LimitFieldProps = Omit<LimitFieldsProps, 'children'> & { readonly kind: LimitKind };

function LimitField({ kind, texts: values, asked, problems }: LimitFieldProps) {
  const texts = useTexts();
  const most = asked[kind];
  const { member: name } = limitTable[kind];
  const { label, note } = limitWords[kind];
  const hints = [
    ...(note === undefined ? [] : [texts(note)]),
    ...(most === undefined ? [] : [describeAsked(texts, { kind, values, asked: most })]),
  ];
  return (
    <div>
      <label for={name}>{texts(label)}</label>
      <LimitInput kind={kind} asked={most} text={values[kind]} problems={problems} hasHint={hints.length > 0} />
      <FieldProblem problems={problems} field={name} />
      {hints.length > 0 && <small id={`${name}-hint`}>{hints.join(' ')}</small>}
    </div>
  );
}

/** Says how much the app asks for, beside the field with the amount that is filled in. */
export function describeAsked(texts: Texts, { kind, values, asked }: AskedLimit): string {
  const isFilledIn = parseLimitTexts(values)[kind] === asked;
  return texts(isFilledIn ? 'limits.requested' : 'limits.asked', { limit: exactly(asked) });
}

interface AskedLimit {
  readonly kind: LimitKind;
  /** The contents of the fields. */
  readonly values: LimitTexts;
  readonly asked: number | bigint;
}

interface LimitInputProps {
  readonly kind: LimitKind;
  /** The limit that the client asks for; undefined when it asks for none. */
  readonly asked?: number | bigint | undefined;
  readonly text: string;
  readonly problems: readonly Problem[];
  /** Whether the field has a hint: see `described`. */
  readonly hasHint?: boolean;
}

/**
 * A field for a limit. While it is empty, it says that there is no limit. If the client asks for the limit, the empty
 * field says nothing, because the owner cannot lift that limit.
 */
export function LimitInput({ kind, asked, text, problems, hasHint = false }: LimitInputProps) {
  const texts = useTexts();
  const { member: name, unit } = limitTable[kind];
  const placeholder = asked === undefined ? texts('limits.none') : undefined;
  if (unit === 'usd') return <MoneyInput {...{ name, text, problems, placeholder, hasHint }} />;
  return <TextInput {...{ name, text, problems, placeholder, hasHint }} inputMode="numeric" />;
}

interface TextInputProps {
  readonly name: string;
  readonly text: string;
  readonly problems: readonly Problem[];
  readonly placeholder?: string | undefined;
  readonly hasHint?: boolean;
}

/** A field for an amount of money. */
export function MoneyInput({ text, ...props }: TextInputProps) {
  return (
    <div class="money">
      <span aria-hidden="true">$</span>
      <TextInput {...props} text={useTexts().typedAmount(text)} inputMode="decimal" />
    </div>
  );
}

/**
 * Uses a text field even for numbers. If a number field contains anything else, browsers send an empty value, and an
 * empty value means no limit.
 */
function TextInput({
  name,
  text,
  problems,
  placeholder,
  hasHint = false,
  inputMode,
}: TextInputProps & { readonly inputMode: 'decimal' | 'numeric' }) {
  return (
    <input
      id={name}
      name={name}
      type="text"
      inputMode={inputMode}
      autocomplete="off"
      maxLength={20}
      placeholder={placeholder}
      value={text}
      {...(hasHint ? described(problems, name) : invalidity(problems, name))}
    />
  );
}
