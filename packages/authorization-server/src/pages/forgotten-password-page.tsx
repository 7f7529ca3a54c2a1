import { signInPath } from '../account/return-to.js';
import { paths } from '../endpoints.js';
import type { FixedId, Texts } from '../texts/texts.js';
import { renderPage } from './layout.js';
import { NewPasswordField } from './new-password-field.js';
import { ErrorSummary, FieldProblem, invalidity, Notice, type Problem } from './parts.js';
import type { Stylesheet } from './stylesheet.js';
import { Text } from './text.js';

interface ForgottenPasswordPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly csrfToken: string;
  readonly email: string;
  readonly notice: FixedId | undefined;
  /** Whether the server sends links by e-mail. */
  readonly sendsLinks: boolean;
  readonly problems: readonly Problem[];
}

export function renderForgottenPasswordPage(props: ForgottenPasswordPageProps): string {
  const { stylesheet, texts, csrfToken, email, notice, sendsLinks, problems } = props;
  return renderPage({
    stylesheet,
    texts,
    title: texts('recovery.forgottenTitle'),
    children: (
      <article class="narrow">
        <h1>{texts('recovery.forgottenTitle')}</h1>
        {notice !== undefined && <Notice>{texts(notice)}</Notice>}
        <ErrorSummary problems={problems} />
        {sendsLinks && <LinkForm {...props} />}
        <p>{texts('recovery.forgottenAbout')}</p>
        <form method="post" action={paths.forgottenPassword}>
          <input type="hidden" name="csrf_token" value={csrfToken} />
          <label for="email">{texts('common.email')}</label>
          <input
            id="email"
            name="email"
            type="email"
            autocomplete="username"
            maxLength={254}
            value={email}
            required
            {...invalidity(problems, 'email')}
          />
          <FieldProblem problems={problems} field="email" />
          <label for="recovery_code">{texts('recovery.code')}</label>
          <input
            id="recovery_code"
            name="recovery_code"
            autocomplete="off"
            autocapitalize="characters"
            spellcheck={false}
            maxLength={40}
            required
            {...invalidity(problems, 'recovery_code')}
          />
          <FieldProblem problems={problems} field="recovery_code" />
          <NewPasswordField problems={problems} />
          <button type="submit">{texts('recovery.setPassword')}</button>
        </form>
        <p class="aside">{texts('recovery.noCodes')}</p>
        <p class="aside">
          <Text id="recovery.remembered" link={<a href={signInPath(paths.grants)} />} />
        </p>
      </article>
    ),
  });
}

/** Has its own address field, because two forms cannot share a field without a script. */
function LinkForm({ texts, csrfToken, email, problems }: ForgottenPasswordPageProps) {
  return (
    <>
      <form method="post" action={paths.passwordResetLink}>
        <input type="hidden" name="csrf_token" value={csrfToken} />
        <p>{texts('recovery.linkAbout')}</p>
        <label for="link_email">{texts('common.email')}</label>
        <input
          id="link_email"
          name="email"
          type="email"
          autocomplete="username"
          maxLength={254}
          value={email}
          required
          {...invalidity(problems, 'link_email')}
        />
        <FieldProblem problems={problems} field="link_email" />
        <button type="submit">{texts('recovery.sendLink')}</button>
      </form>
      <hr />
    </>
  );
}
