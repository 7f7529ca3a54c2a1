import { paths } from '../endpoints.js';
import { renderPage } from './layout.js';
import { ForeignText } from './parts.js';
import type { Stylesheet } from './stylesheet.js';

interface LogoutForm {
  readonly stylesheet: Stylesheet;
  readonly action: string;
  /** oidc-provider's own CSRF token. */
  readonly secret: string;
}

interface SignOutPageProps extends LogoutForm {
  /** Undefined when the request names no app. */
  readonly clientName: string | undefined;
  /** The place to which the browser is sent afterwards, as a text for people. Undefined: it stays on this server. */
  readonly destination: string | undefined;
}

export function renderSignOutPage({ stylesheet, action, secret, clientName, destination }: SignOutPageProps): string {
  return renderPage({
    stylesheet,
    title: 'Sign out',
    children: (
      <article class="narrow">
        <h1>Sign out?</h1>
        <p>
          {clientName === undefined ? 'An app or a link' : <ForeignText>{clientName}</ForeignText>} asks to sign you out
          of AIPassport. What you allowed to apps stays as it is.
        </p>
        {destination !== undefined && (
          <p class="destination">
            Afterwards you are sent to <Destination>{destination}</Destination>
          </p>
        )}
        <form method="post" action={action} class="button-row">
          <input type="hidden" name="xsrf" value={secret} />
          <button type="submit" class="secondary outline">
            Stay signed in
          </button>
          <button type="submit" name="logout" value="yes">
            Sign out
          </button>
        </form>
      </article>
    ),
  });
}

/** The page when no owner is signed in at this browser and the app named an address to continue to. */
export function renderContinuePage(props: LogoutForm & { readonly destination: string }): string {
  const { stylesheet, action, secret, destination } = props;
  return renderPage({
    stylesheet,
    title: 'Signed out',
    children: (
      <article class="narrow">
        <h1>Signed out</h1>
        <p>You are not signed in to AIPassport in this browser.</p>
        <form method="post" action={action}>
          <input type="hidden" name="xsrf" value={secret} />
          <input type="hidden" name="logout" value="yes" />
          <button type="submit">
            Continue to <Destination>{destination}</Destination>
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

export function renderSignedOutPage({ stylesheet }: { readonly stylesheet: Stylesheet }): string {
  return renderPage({
    stylesheet,
    title: 'Signed out',
    children: (
      <article class="narrow">
        <h1>Signed out</h1>
        <p>
          You can close this page, or <a href={paths.signIn}>sign in again</a>.
        </p>
      </article>
    ),
  });
}
