import { paths } from '../endpoints.js';
import type { FixedId, Texts } from '../texts/texts.js';
import { Confirmation } from './confirmation.js';
import { renderPage, type SignedIn } from './layout.js';
import { NewPasswordField } from './new-password-field.js';
import { NoticeWithLink } from './notice-with-link.js';
import { BackToSecurity, ErrorSummary, PasswordField, type Problem } from './parts.js';
import { PasskeyButton } from './passkey-button.js';
import type { Stylesheet } from './stylesheet.js';

interface PasswordPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
  readonly csrfToken: string;
  /** False for an account that was made with a passkey or at an identity provider and has set no password. */
  readonly hasPassword: boolean;
  /** Whether the sign-in is enough to set a password. */
  readonly isProven: boolean;
  readonly notice: FixedId | undefined;
  readonly problems: readonly Problem[];
}

export function renderPasswordPage(props: PasswordPageProps): string {
  const { stylesheet, texts, signedIn, csrfToken, hasPassword, isProven, notice, problems } = props;
  const title = hasPassword ? 'password.title' : 'password.setTitle';
  return renderPage({
    stylesheet,
    texts,
    title: texts(title),
    signedIn,
    children: (
      <>
        <BackToSecurity />
        <h1>{texts(title)}</h1>
        <NoticeWithLink notice={notice} />
        <ErrorSummary problems={problems} />
        {!hasPassword && <p>{texts('password.none')}</p>}
        <article>
          <form method="post" action={paths.password}>
            <input type="hidden" name="csrf_token" value={csrfToken} />
            {!isProven && hasPassword && <PasswordField problems={problems} isRequired text="password.old" />}
            <NewPasswordField problems={problems} />
            {!isProven && !hasPassword && <Confirmation problems={problems} isAsked />}
            <button type="submit">{texts(title)}</button>
            {!isProven && hasPassword && signedIn.confirmWays.passkeyScript && (
              <PasskeyButton act="get" text="password.byPasskey" needs="new_password" isSecondary />
            )}
          </form>
          <p class="aside">{texts('password.note')}</p>
        </article>
      </>
    ),
  });
}
