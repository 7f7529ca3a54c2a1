import type { ComponentChildren } from 'preact';
import { paths } from '../endpoints.js';

export interface Problem {
  /** The `id` of the control to put right; undefined when it is none in particular. */
  readonly field: string | undefined;
  readonly message: string;
}

/** Everything that is wrong, above the form, each linked to its field. */
export function ErrorSummary({ problems }: { readonly problems: readonly Problem[] }) {
  if (problems.length === 0) return null;
  return (
    <section class="error-summary" role="alert" aria-labelledby="error-summary-title">
      <h2 id="error-summary-title">There is a problem</h2>
      <ul>
        {problems.map(({ field, message }) => (
          <li key={message}>{field === undefined ? message : <a href={`#${field}`}>{message}</a>}</li>
        ))}
      </ul>
    </section>
  );
}

/** What a control needs so that its problem is read out with it. */
export function invalidity(problems: readonly Problem[], field: string) {
  const problem = problems.find((one) => one.field === field);
  return problem ? ({ 'aria-invalid': 'true', 'aria-describedby': `${field}-problem` } as const) : {};
}

export function FieldProblem({ problems, field }: { readonly problems: readonly Problem[]; readonly field: string }) {
  const problem = problems.find((one) => one.field === field);
  return problem ? (
    <small id={`${field}-problem`} class="field-problem">
      {problem.message}
    </small>
  ) : null;
}

/** What something just done came to. */
export function Notice({ children }: { readonly children: ComponentChildren }) {
  return (
    <p class="notice" role="status">
      {children}
    </p>
  );
}

/** An instant in the owner's time zone, whose name is said once on a page: see `TimeZoneNote`. */
export function Time({ at, timeZone }: { readonly at: Date; readonly timeZone: string }) {
  return <time dateTime={at.toISOString()}>{formatTime(at, timeZone)}</time>;
}

export function formatTime(at: Date, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(at);
}

export function TimeZoneNote({ timeZone }: { readonly timeZone: string }) {
  return (
    <p class="aside">
      Times are those of {timeZone}. <a href={paths.settings}>Change</a>
    </p>
  );
}

/** A text that the client wrote: its direction does not affect the page, and invisible characters are removed. */
export function ForeignText({ children }: { readonly children: string }) {
  return <bdi>{visibleText(children)}</bdi>;
}

export function visibleText(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]+/gu, ' ').trim();
}
