import { CodeField } from './code-field.js';
import { Confirmation } from './confirmation.js';
import { renderPage } from './layout.js';
import type { OperatorPageProps } from './operator-parts.js';
import { ErrorSummary, type Problem } from './parts.js';

interface ConfirmAgainPageProps extends OperatorPageProps {
  readonly csrfToken: string;
  /** Where the form was sent. */
  readonly action: string;
  /** The fields of the form and their values. */
  readonly fields: readonly (readonly [string, string])[];
  /** Whether the account has an authenticator app. */
  readonly needsCode: boolean;
  /** Empty when the page asks for the first time. */
  readonly problems: readonly Problem[];
}

/** Asks an operator to sign in again. It keeps the contents of a form, and shows no data of accounts. */
export function renderConfirmAgainPage(props: ConfirmAgainPageProps): string {
  const { texts, csrfToken, action, fields, needsCode, problems, ...page } = props;
  return renderPage({
    ...page,
    texts,
    title: texts('operator.confirmAgainTitle'),
    children: (
      <article class="narrow">
        <h1>{texts('operator.confirmAgainTitle')}</h1>
        <ErrorSummary problems={problems} />
        <p>{texts('operator.confirmAgain')}</p>
        <form method="post" action={action}>
          <input type="hidden" name="csrf_token" value={csrfToken} />
          {fields.map(([name, value]) => (
            <input key={name} type="hidden" name={name} value={value} />
          ))}
          <Confirmation problems={problems} isAsked />
          {needsCode && <CodeField text="authenticator.firstCode" problems={problems} />}
          <button type="submit">{texts('operator.continue')}</button>
        </form>
      </article>
    ),
  });
}
