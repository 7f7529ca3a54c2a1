import { paths } from '../endpoints.js';
import { renderPage, type SignedIn } from './layout.js';
import { ErrorSummary, FieldProblem, invalidity, Notice, PasswordField, type Problem } from './parts.js';
import type { Stylesheet } from './stylesheet.js';

interface PasswordPageProps {
  readonly stylesheet: Stylesheet;
  readonly signedIn: SignedIn;
  readonly csrfToken: string;
  readonly notice: string | undefined;
  readonly problems: readonly Problem[];
}

export function renderPasswordPage({ stylesheet, signedIn, csrfToken, notice, problems }: PasswordPageProps): string {
  return renderPage({
    stylesheet,
    title: 'Change password',
    signedIn,
    children: (
      <>
        <p class="back">
          <a href={paths.settings}>Settings</a>
        </p>
        <h1>Change password</h1>
        {notice !== undefined && <Notice>{notice}</Notice>}
        <ErrorSummary problems={problems} />
        <article>
          <form method="post" action={paths.password}>
            <input type="hidden" name="csrf_token" value={csrfToken} />
            <PasswordField problems={problems} isRequired />
            <label for="new_password">New password</label>
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
            <small>At least 8 characters. 15 or more, or a few unrelated words, are much better.</small>
            <button type="submit">Change password</button>
          </form>
          <p class="aside">You will be signed out on all other devices. Apps keep the access that you gave them.</p>
        </article>
      </>
    ),
  });
}
