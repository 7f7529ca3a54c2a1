import { paths } from '../endpoints.js';
import type { FixedId, Texts } from '../texts/texts.js';
import { CarryButton } from './carry-button.js';
import { CodeField } from './code-field.js';
import { EmailField } from './email-field.js';
import { renderPage } from './layout.js';
import { NewPasswordField } from './new-password-field.js';
import { ErrorSummary, Notice, type Problem } from './parts.js';
import type { Stylesheet } from './stylesheet.js';
import { Text } from './text.js';

interface ForgottenPasswordPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly csrfToken: string;
  /** For the button that leads back to the sign-in page and sends the typed e-mail address there. */
  readonly carryEmailToken: string;
  readonly returnTo: string;
  readonly email: string;
  readonly notice: FixedId | undefined;
  /** Whether the server sends links by e-mail. */
  readonly sendsLinks: boolean;
  readonly problems: readonly Problem[];
}

/** The `id` of the form whose e-mail address is sent to the sign-in page: the first form on the page. */
const formId = 'visitor';

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
        <form id={sendsLinks ? undefined : formId} method="post" action={paths.forgottenPassword}>
          <input type="hidden" name="csrf_token" value={csrfToken} />
          <input type="hidden" name="return_to" value={props.returnTo} />
          <EmailField email={email} problems={problems} />
          <CodeField field="recovery_code" text="recovery.code" problems={problems} />
          <NewPasswordField problems={problems} />
          <button type="submit">{texts('recovery.setPassword')}</button>
        </form>
        <p class="aside">{texts('recovery.noCodes')}</p>
        <p class="aside">
          <Text
            id="recovery.remembered"
            link={<CarryButton form={formId} to={paths.signIn} token={props.carryEmailToken} />}
          />
        </p>
      </article>
    ),
  });
}

/** Has its own field for the e-mail address, because two forms cannot share a field without a script. */
function LinkForm({ texts, csrfToken, returnTo, email, problems }: ForgottenPasswordPageProps) {
  return (
    <>
      <form id={formId} method="post" action={paths.passwordResetLink}>
        <input type="hidden" name="csrf_token" value={csrfToken} />
        <input type="hidden" name="return_to" value={returnTo} />
        <p>{texts('recovery.linkAbout')}</p>
        <EmailField id="link_email" email={email} problems={problems} />
        <button type="submit">{texts('recovery.sendLink')}</button>
      </form>
      <hr />
    </>
  );
}
