import { paths } from '../endpoints.js';
import { renderPage } from './layout.js';
import type { Stylesheet } from './stylesheet.js';

interface SignOutPageProps {
  readonly stylesheet: Stylesheet;
  readonly action: string;
  /** oidc-provider's own CSRF token. */
  readonly secret: string;
}

export function renderSignOutPage({ stylesheet, action, secret }: SignOutPageProps): string {
  return renderPage({
    stylesheet,
    title: 'Sign out',
    children: (
      <article class="narrow">
        <h1>Sign out?</h1>
        <p>An app asks to sign you out of AIPassport. What you allowed to apps stays as it is.</p>
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
