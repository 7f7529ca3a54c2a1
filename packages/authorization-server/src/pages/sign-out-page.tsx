import { paths } from '../endpoints.js';
import type { Texts } from '../texts/texts.js';
import { renderPage } from './layout.js';
import { ForeignText } from './parts.js';
import type { Stylesheet } from './stylesheet.js';
import { Text } from './text.js';

interface LogoutForm {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly action: string;
  /** oidc-provider's own CSRF token. */
  readonly secret: string;
}

interface SignOutPageProps extends LogoutForm {
  /** Undefined when the request names no app, or an app that is not verified and has no host. */
  readonly appName: string | undefined;
  /**
   * The place to which the browser is sent afterwards, as a text for people. If undefined, the browser stays on this
   * server.
   */
  readonly destination: string | undefined;
}

export function renderSignOutPage(props: SignOutPageProps): string {
  const { stylesheet, texts, action, secret, appName, destination } = props;
  return renderPage({
    stylesheet,
    texts,
    title: texts('signOut.title'),
    children: (
      <article class="narrow">
        <h1>{texts('signOut.question')}</h1>
        <p>
          {appName === undefined ? (
            texts('signOut.byLink')
          ) : (
            <Text id="signOut.byApp" app={<ForeignText>{appName}</ForeignText>} />
          )}
        </p>
        {destination !== undefined && (
          <p class="destination">
            <Text id="signOut.returnTo" place={<Destination>{destination}</Destination>} />
          </p>
        )}
        <form method="post" action={action} class="button-row">
          <input type="hidden" name="xsrf" value={secret} />
          <button type="submit" class="secondary outline">
            {texts('signOut.stay')}
          </button>
          <button type="submit" name="logout" value="yes">
            {texts('signOut.submit')}
          </button>
        </form>
      </article>
    ),
  });
}

/** The page for a browser at which no owner is signed in, when the app named a URL to continue to. */
export function renderContinuePage(props: LogoutForm & { readonly destination: string }): string {
  const { stylesheet, texts, action, secret, destination } = props;
  return renderPage({
    stylesheet,
    texts,
    title: texts('signOut.doneTitle'),
    children: (
      <article class="narrow">
        <h1>{texts('signOut.doneTitle')}</h1>
        <p>{texts('signOut.notSignedIn')}</p>
        <form method="post" action={action}>
          <input type="hidden" name="xsrf" value={secret} />
          <input type="hidden" name="logout" value="yes" />
          <button type="submit">
            <Text id="signOut.continueTo" place={<Destination>{destination}</Destination>} />
          </button>
        </form>
      </article>
    ),
  });
}

function Destination({ children }: { readonly children: string }) {
  return (
    <strong>
      <ForeignText>{children}</ForeignText>
    </strong>
  );
}

export function renderSignedOutPage({ stylesheet, texts }: Pick<LogoutForm, 'stylesheet' | 'texts'>): string {
  return renderPage({
    stylesheet,
    texts,
    title: texts('signOut.doneTitle'),
    children: (
      <article class="narrow">
        <h1>{texts('signOut.doneTitle')}</h1>
        <p>
          <Text id="signOut.done" link={<a href={paths.signIn} />} />
        </p>
      </article>
    ),
  });
}
