import type { ComponentChildren } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { homePath } from '../account/return-to.js';
import { paths } from '../endpoints.js';
import type { Texts } from '../texts/texts.js';
import { type ConfirmWays, ConfirmWaysContext, noConfirmWays } from './confirm-ways.js';
import { PagePath } from './page-path.js';
import type { PageScript } from './page-script.js';
import { type ShownProblems, ShownProblemsContext } from './parts.js';
import type { Stylesheet } from './stylesheet.js';
import { Text, TextsContext, useTexts } from './text.js';

/** The data about the signed-in owner that the header of a page (its navigation) needs. */
export interface SignedIn {
  readonly email: string;
  /** The path of this page, to which owners come back after signing in again. */
  readonly page: string;
  readonly current: 'account' | 'apps' | 'keys' | 'settings' | 'invitations' | 'operator' | 'help';
  /**
   * Whether this account may invite others. False unless new accounts need an invitation, and for operators, who have a
   * page for all invitations.
   */
  readonly showsInvitations: boolean;
  /** Whether this account may use the operator's pages. */
  readonly showsOperator: boolean;
  readonly confirmWays: ConfirmWays;
  /** CSRF token of the sign-out form. */
  readonly signOutToken: string;
}

interface PageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly title: string;
  readonly signedIn?: SignedIn | undefined;
  readonly script?: PageScript | undefined;
  /** Tells the server the browser's time zone, for a new account. */
  readonly timeZoneScript?: PageScript | undefined;
  /** The same as `SignedIn.confirmWays`, for pages without the account's navigation. */
  readonly confirmWays?: ConfirmWays | undefined;
  readonly children: ComponentChildren;
}

/**
 * Renders a whole HTML document. The body is rendered before the head, because the title in the head says whether the
 * body shows problems.
 */
export function renderPage(props: PageProps): string {
  const { texts, signedIn, confirmWays = signedIn?.confirmWays ?? noConfirmWays } = props;
  const shown: ShownProblems = { any: false };
  const body = renderToString(
    <TextsContext.Provider value={texts}>
      <ConfirmWaysContext.Provider value={confirmWays}>
        <PagePath.Provider value={signedIn?.page ?? homePath}>
          <ShownProblemsContext.Provider value={shown}>
            <Body {...props} />
          </ShownProblemsContext.Provider>
        </PagePath.Provider>
      </ConfirmWaysContext.Provider>
    </TextsContext.Provider>,
  );
  const head = renderToString(<Head {...props} passkeyScript={confirmWays.passkeyScript} hasProblems={shown.any} />);
  return `<!doctype html><html lang="${texts.language}">${head}${body}</html>`;
}

/** Renders a part of a page, which the page's script puts in place. */
export function renderPart(texts: Texts, part: ComponentChildren): string {
  return renderToString(<TextsContext.Provider value={texts}>{part}</TextsContext.Provider>);
}

function Head(props: PageProps & Pick<ConfirmWays, 'passkeyScript'> & { hasProblems: boolean }) {
  const { stylesheet, texts, title, script, passkeyScript, timeZoneScript, hasProblems } = props;
  const scripts = [script, passkeyScript, timeZoneScript].filter((one) => one !== undefined);
  return (
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>{`${hasProblems ? texts('common.errorTitle', { title }) : title} · AIPassport`}</title>
      <link rel="stylesheet" href={stylesheet.path} />
      <link rel="icon" href={icon} />
      {[...new Map(scripts.map(({ path, nonce }) => [path, nonce]))].map(([path, nonce]) => (
        <script key={path} src={path} nonce={nonce} defer />
      ))}
    </head>
  );
}

function Body({ signedIn, children }: PageProps) {
  const container = signedIn?.current === 'operator' ? 'container wide' : 'container';
  return (
    <body>
      <a class="skip-link" href="#main">
        <Text id="common.skip" />
      </a>
      <header class="site-header">
        <div class={`${container} site-header-row`}>
          <Brand />
          {signedIn && <AccountNavigation {...signedIn} />}
        </div>
      </header>
      <main id="main" class={container}>
        {children}
      </main>
      <footer class={`${container} site-footer`}>
        <a href={paths.help}>
          <Text id="common.help" />
        </a>
      </footer>
    </body>
  );
}

function Brand() {
  return (
    <span class="brand">
      <svg width="28" height="28" viewBox="0 0 32 32" aria-hidden="true">
        <rect x="4" y="2" width="24" height="28" rx="4" fill="currentColor" />
        <circle cx="16" cy="13" r="5.5" fill="none" stroke="var(--brand-ink)" stroke-width="2" />
        <path d="M10 24h12" stroke="var(--brand-ink)" stroke-width="2" stroke-linecap="round" />
      </svg>
      AIPassport
    </span>
  );
}

function AccountNavigation({ email, current, signOutToken, showsInvitations, showsOperator }: SignedIn) {
  const texts = useTexts();
  const link = (page: SignedIn['current'], text: string) => (
    <a href={paths[page]} aria-current={page === current ? 'page' : undefined}>
      {text}
    </a>
  );
  return (
    <nav class="account-navigation" aria-label={texts('common.account')}>
      {link('account', texts('overview.title'))}
      {link('apps', texts('common.connectedApps'))}
      {link('keys', texts('common.apiKeys'))}
      {showsInvitations && link('invitations', texts('common.invitations'))}
      {link('settings', texts('common.settings'))}
      {showsOperator && link('operator', texts('operator.title'))}
      <form method="post" action={paths.signOut}>
        <input type="hidden" name="csrf_token" value={signOutToken} />
        <button type="submit" class="link-button" title={email}>
          {texts('common.signOut')}
        </button>
      </form>
    </nav>
  );
}

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect x='4' y='2' width='24' height='28' rx='4' fill='%232060df'/%3E%3Ccircle cx='16' cy='13' r='5.5' fill='none' stroke='white' stroke-width='2'/%3E%3Cpath d='M10 24h12' stroke='white' stroke-width='2'/%3E%3C/svg%3E";
