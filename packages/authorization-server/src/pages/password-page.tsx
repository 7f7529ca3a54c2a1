import { paths } from '../endpoints.js';
import type { FixedId, Texts } from '../texts/texts.js';
import { renderPage, type SignedIn } from './layout.js';
import { ErrorSummary, FieldProblem, invalidity, Notice, PasswordField, type Problem } from './parts.js';
import type { Stylesheet } from './stylesheet.js';

interface PasswordPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
  readonly csrfToken: string;
  readonly notice: FixedId | undefined;
  readonly problems: readonly Problem[];
}

export function renderPasswordPage(props: PasswordPageProps): string {
  const { stylesheet, texts, signedIn, csrfToken, notice, problems } = props;
  return renderPage({
    stylesheet,
    texts,
    title: texts('password.title'),
    signedIn,
    children: (
      <>
        <p class="back">
          <a href={paths.settings}>{texts('settings.title')}</a>
        </p>
        <h1>{texts('password.title')}</h1>
        {notice !== undefined && <Notice>{texts(notice)}</Notice>}
        <ErrorSummary problems={problems} />
        <article>
          <form method="post" action={paths.password}>
            <input type="hidden" name="csrf_token" value={csrfToken} />
            <PasswordField problems={problems} isRequired />
            <label for="new_password">{texts('password.new')}</label>
            <input
              id="new_password"
              name="new_password"
              type="password"
              autocomplete="new-password"
              minLength={8}
              maxLength={256}
              required
              {...invalidity(problems, 'new_password')}
            />
            <FieldProblem problems={problems} field="new_password" />
            <small>{texts('signIn.passwordHint')}</small>
            <button type="submit">{texts('password.submit')}</button>
          </form>
          <p class="aside">{texts('password.note')}</p>
        </article>
      </>
    ),
  });
}
