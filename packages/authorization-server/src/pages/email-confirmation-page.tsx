import { paths } from '../endpoints.js';
import type { Texts } from '../texts/texts.js';
import { renderPage, type SignedIn } from './layout.js';
import type { Stylesheet } from './stylesheet.js';
import { Text } from './text.js';

interface EmailConfirmationPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
  readonly csrfToken: string;
  /** The e-mail address of the link; undefined when the link does not work for this account. */
  readonly email: string | undefined;
}

export function renderEmailConfirmationPage(props: EmailConfirmationPageProps): string {
  const { stylesheet, texts, signedIn, email } = props;
  const title = texts(email === undefined ? 'email.overTitle' : 'email.confirmTitle');
  return renderPage({
    stylesheet,
    texts,
    title,
    signedIn,
    children: (
      <article class="narrow">
        <h1>{title}</h1>
        {email === undefined ? (
          <p>
            <Text id="email.over" link={<a href={paths.email} />} />
          </p>
        ) : (
          <ConfirmForm {...props} email={email} />
        )}
      </article>
    ),
  });
}

function ConfirmForm({ texts, csrfToken, signedIn, email }: EmailConfirmationPageProps & { readonly email: string }) {
  const { email: before } = signedIn;
  const isNew = email !== before;
  return (
    <form method="post" action={paths.emailConfirmation}>
      <input type="hidden" name="csrf_token" value={csrfToken} />
      <p>{isNew ? texts('email.replaceThis', { before, email }) : texts('email.confirmThis', { email })}</p>
      <button type="submit">{texts(isNew ? 'email.replace' : 'email.confirm')}</button>
    </form>
  );
}
