import { visibleText } from '@aipassport/policy';
import { type ComponentChildren, createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { hashShown, shownField } from '../account/shown-values.js';
import { paths } from '../endpoints.js';
import type { FixedId } from '../texts/texts.js';
import type { Problem } from './problem.js';
import { Text, useTexts } from './text.js';

export type { Problem };

interface PasswordFieldProps {
  readonly problems?: readonly Problem[];
  /** Whether the browser refuses to send the form while this field is empty. */
  readonly isRequired: boolean;
  readonly text?: FixedId;
}

/** Whether the page shows that something is wrong. `ErrorSummary` sets it while the page is rendered. */
export interface ShownProblems {
  any: boolean;
}

export const ShownProblemsContext = createContext<ShownProblems>({ any: false });

/**
 * All problems, above the form. A problem with a field links to it. The list has the focus when the page opens. If the
 * form only asks for one more thing, the list says so, and the title of the page does not say that there is an error.
 */
export function ErrorSummary({ problems }: { readonly problems: readonly Problem[] }) {
  const texts = useTexts();
  const shown = useContext(ShownProblemsContext);
  if (problems.length === 0) return null;
  const isQuestion = problems.every((problem) => problem.isQuestion);
  shown.any ||= !isQuestion;
  return (
    <section
      class={isQuestion ? 'error-summary question' : 'error-summary'}
      role="alert"
      aria-labelledby="error-summary-title"
      tabIndex={-1}
      autofocus
    >
      <h2 id="error-summary-title">{texts(isQuestion ? 'common.oneMoreStep' : 'common.fixFollowing')}</h2>
      <ul>
        {problems.map(({ field, message, label }) => {
          const problem = texts.say(message);
          const text = label === undefined ? problem : texts('common.labelled', { label: texts(label), problem });
          return <li key={text}>{field === undefined ? text : <a href={`#${field}`}>{text}</a>}</li>;
        })}
      </ul>
    </section>
  );
}

/** The attributes with which a screen reader reads a control's problem together with the control. */
export function invalidity(problems: readonly Problem[], field: string) {
  const problem = problems.find((one) => one.field === field);
  if (problem === undefined) return {};
  return { ...(problem.isQuestion ? {} : { 'aria-invalid': 'true' as const }), 'aria-describedby': `${field}-problem` };
}

/**
 * The attributes of a control that also has a hint, which the screen reader reads too. The `id` of the hint is the
 * control's `id` followed by `-hint`.
 */
export function described(problems: readonly Problem[], field: string) {
  const hint = `${field}-hint`;
  return problems.some((one) => one.field === field)
    ? ({ 'aria-invalid': 'true', 'aria-describedby': `${field}-problem ${hint}` } as const)
    : { 'aria-describedby': hint };
}

export function FieldProblem({ problems, field }: { readonly problems: readonly Problem[]; readonly field: string }) {
  const texts = useTexts();
  const problem = problems.find((one) => one.field === field);
  return problem ? (
    <small id={`${field}-problem`} class={problem.isQuestion ? undefined : 'field-problem'}>
      {texts.say(problem.message)}
    </small>
  ) : null;
}

/** Asks for the password of the account. */
export function PasswordField({ problems = [], isRequired, text = 'common.password' }: PasswordFieldProps) {
  return (
    <>
      <label for="password">
        <Text id={text} />
      </label>
      <input
        id="password"
        name="password"
        type="password"
        autocomplete="current-password"
        maxLength={256}
        required={isRequired}
        {...invalidity(problems, 'password')}
      />
      <FieldProblem problems={problems} field="password" />
    </>
  );
}

/** The link at the head of each page about signing in. */
export function BackToSecurity() {
  return (
    <p class="back">
      <a href={paths.security}>
        <Text id="security.title" />
      </a>
    </p>
  );
}

/** A hash of the values that the form shows: see `shown-values.ts`. */
export function Shown({ values }: { readonly values: unknown }) {
  return <input type="hidden" name={shownField} value={hashShown(values)} />;
}

/** The result of the owner's last action. */
export function Notice({ children }: { readonly children: ComponentChildren }) {
  return (
    <p class="notice" role="status">
      {children}
    </p>
  );
}

/** An instant in the owner's time zone. The page names the time zone once: see `TimeZoneNote`. */
export function Time({ at, timeZone }: { readonly at: Date; readonly timeZone: string }) {
  return <time dateTime={at.toISOString()}>{useTexts().time(at, timeZone)}</time>;
}

interface NearTimeProps {
  readonly at: Date;
  readonly timeZone: string;
  readonly now: Date;
}

/** An instant outside of a sentence: `today, 14:00`. */
export function NearTime({ at, timeZone, now }: NearTimeProps) {
  return <time dateTime={at.toISOString()}>{useTexts().nearTime(at, timeZone, now)}</time>;
}

/** An instant in a list: `5 minutes ago`. The time itself is shown when the pointer rests on it. */
export function RelativeTime({ at, timeZone, now }: NearTimeProps) {
  const texts = useTexts();
  return (
    <time dateTime={at.toISOString()} title={texts.time(at, timeZone)}>
      {texts.relativeTime(at, timeZone, now)}
    </time>
  );
}

/** Like `RelativeTime`, with the time itself below it, because a phone does not show the text of `title`. */
export function EventTime({ at, timeZone, now }: NearTimeProps) {
  const texts = useTexts();
  const [exact, relative] = [texts.time(at, timeZone), texts.relativeTime(at, timeZone, now)];
  return (
    <time dateTime={at.toISOString()}>
      {relative}
      {relative !== exact && <small>{exact}</small>}
    </time>
  );
}

export function TimeZoneNote({ timeZone }: { readonly timeZone: string }) {
  return (
    <p class="aside">
      <Text id="common.timesShownIn" timeZone={timeZone} link={<a href={paths.settings} />} />
    </p>
  );
}

/**
 * A text that a client or a person wrote. Its direction does not affect the page, and invisible characters are
 * removed.
 */
export function ForeignText({ children }: { readonly children: string }) {
  return <bdi>{visibleText(children)}</bdi>;
}
