import { CodeField } from './code-field.js';
import { Confirmation } from './confirmation.js';
import { KeptFields, type KeptFormProps } from './kept-form-page.js';
import { renderPage } from './layout.js';
import { ErrorSummary, type Problem } from './parts.js';

interface ConfirmAgainPageProps extends KeptFormProps {
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
          <KeptFields csrfToken={csrfToken} fields={fields} />
          <Confirmation problems={problems} isAsked keepsForm />
          {needsCode && <CodeField text="authenticator.firstCode" problems={problems} />}
          <button type="submit">{texts('password.continue')}</button>
        </form>
      </article>
    ),
  });
}
