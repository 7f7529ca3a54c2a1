import { paths } from '../endpoints.js';
import type { FixedId, Texts } from '../texts/texts.js';
import { renderPage, type SignedIn } from './layout.js';
import { NewPasswordField } from './new-password-field.js';
import { BackToSecurity, ErrorSummary, Notice, PasswordField, type Problem } from './parts.js';
import type { Stylesheet } from './stylesheet.js';

interface PasswordPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
  readonly csrfToken: string;
  /** False for an account that was made by a sign-in at an identity provider and has set no password. */
  readonly hasPassword: boolean;
  readonly notice: FixedId | undefined;
  readonly problems: readonly Problem[];
}

export function renderPasswordPage(props: PasswordPageProps): string {
  const { stylesheet, texts, signedIn, csrfToken, hasPassword, notice, problems } = props;
  return renderPage({
    stylesheet,
    texts,
    title: texts('password.title'),
    signedIn,
    children: (
      <>
        <BackToSecurity />
        <h1>{texts('password.title')}</h1>
        {notice !== undefined && <Notice>{texts(notice)}</Notice>}
        <ErrorSummary problems={problems} />
        {!hasPassword && <p>{texts('password.none')}</p>}
        <article>
          <form method="post" action={paths.password}>
            <input type="hidden" name="csrf_token" value={csrfToken} />
            {hasPassword && <PasswordField problems={problems} isRequired />}
            <NewPasswordField problems={problems} />
            <button type="submit">{texts('password.submit')}</button>
          </form>
          <p class="aside">{texts('password.note')}</p>
        </article>
      </>
    ),
  });
}
