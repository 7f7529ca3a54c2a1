import { CodeField } from './code-field.js';
import { Confirmation } from './confirmation.js';
import { KeptAct, KeptFields, type KeptFormPageProps } from './kept-form-page.js';
import { renderPage } from './layout.js';
import { ErrorSummary, type Problem } from './parts.js';

interface ConfirmAgainPageProps extends KeptFormPageProps {
  /** Whether the account has an authenticator app. */
  readonly needsCode: boolean;
  /** Empty when the page asks for the first time. */
  readonly problems: readonly Problem[];
}

/**
 * Asks an operator to sign in again. The page keeps the contents of a form, and says what the form changes and how. It
 * shows nothing else about accounts and apps.
 */
export function renderConfirmAgainPage(props: ConfirmAgainPageProps): string {
  const { texts, csrfToken, action, fields, act, needsCode, problems, ...page } = props;
  const title =
    act === undefined ? texts('password.confirmTitle') : texts('operator.confirmAgainTitle', { act: texts(act) });
  return renderPage({
    ...page,
    texts,
    title,
    children: (
      <article class="narrow kept-form">
        <h1>{title}</h1>
        <ErrorSummary problems={problems} />
        <KeptAct {...props} />
        <p>{texts('operator.confirmAgain')}</p>
        <form method="post" action={action}>
          <KeptFields csrfToken={csrfToken} fields={fields} />
          <Confirmation problems={problems} isAsked keepsForm />
          {needsCode && <CodeField text="authenticator.firstCode" problems={problems} />}
          <button type="submit">{texts('password.continue')}</button>
        </form>
      </article>
    ),
  });
}
