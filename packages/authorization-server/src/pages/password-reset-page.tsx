import { paths } from '../endpoints.js';
import type { Texts } from '../texts/texts.js';
import { renderPage } from './layout.js';
import { NewPasswordField } from './new-password-field.js';
import { ErrorSummary, type Problem } from './parts.js';
import type { Stylesheet } from './stylesheet.js';
import { Text } from './text.js';

interface PasswordResetPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly csrfToken: string;
  /** The account whose password is set. */
  readonly email: string;
  readonly problems: readonly Problem[];
}

export function renderPasswordResetPage(props: PasswordResetPageProps): string {
  const { stylesheet, texts, csrfToken, email, problems } = props;
  return renderPage({
    stylesheet,
    texts,
    title: texts('recovery.resetTitle'),
    children: (
      <article class="narrow">
        <h1>{texts('recovery.resetTitle')}</h1>
        <ErrorSummary problems={problems} />
        <form method="post" action={paths.passwordReset}>
          <input type="hidden" name="csrf_token" value={csrfToken} />
          {/* Tells password managers which account the password belongs to. */}
          <label for="email">{texts('common.email')}</label>
          <input id="email" type="email" autocomplete="username" value={email} readOnly />
          <NewPasswordField problems={problems} />
          <button type="submit">{texts('recovery.setPassword')}</button>
        </form>
        <p class="aside">{texts('recovery.resetNote')}</p>
      </article>
    ),
  });
}

/** The page for a link that has expired or was used, and for a visitor without a link. */
export function renderResetOverPage({
  stylesheet,
  texts,
}: Pick<PasswordResetPageProps, 'stylesheet' | 'texts'>): string {
  return renderPage({
    stylesheet,
    texts,
    title: texts('recovery.overTitle'),
    children: (
      <article class="narrow">
        <h1>{texts('recovery.overTitle')}</h1>
        <p>{texts('recovery.over')}</p>
        <p>
          <Text id="recovery.overNext" link={<a href={paths.forgottenPassword} />} />
        </p>
      </article>
    ),
  });
}
