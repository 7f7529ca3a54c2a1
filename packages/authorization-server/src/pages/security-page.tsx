import type { ComponentChildren } from 'preact';
import { paths } from '../endpoints.js';
import type { Texts } from '../texts/texts.js';
import { renderPage, type SignedIn } from './layout.js';
import type { Stylesheet } from './stylesheet.js';

interface SecurityPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
  /** How many passkeys the owner has; undefined where passkeys cannot be used. */
  readonly passkeys: number | undefined;
  readonly hasAuthenticator: boolean;
  /** How many recovery codes work. */
  readonly recoveryCodes: number;
  /** How many API tokens work. */
  readonly apiTokens: number;
  /** Whether owners can sign in with an identity provider. */
  readonly offersIdentities: boolean;
}

export function renderSecurityPage(props: SecurityPageProps): string {
  const { stylesheet, texts, signedIn, passkeys, hasAuthenticator, recoveryCodes, offersIdentities, apiTokens } = props;
  return renderPage({
    stylesheet,
    texts,
    title: texts('security.title'),
    signedIn,
    children: (
      <>
        <p class="back">
          <a href={paths.settings}>{texts('settings.title')}</a>
        </p>
        <h1>{texts('security.title')}</h1>
        <article>
          <ul class="keys linked">
            <Row path={paths.password} name={texts('common.password')} link={texts('security.change')}>
              {texts('security.password')}
            </Row>
            {passkeys !== undefined && (
              <Row path={paths.passkeys} name={texts('passkeys.title')} link={texts('security.manage')}>
                {texts('security.passkeys', { count: passkeys })}
              </Row>
            )}
            <Row path={paths.authenticator} name={texts('authenticator.title')} link={texts('security.manage')}>
              {texts(hasAuthenticator ? 'security.authenticatorOn' : 'security.authenticatorOff')}
            </Row>
            <Row path={paths.recoveryCodes} name={texts('recovery.title')} link={texts('security.manage')}>
              {texts('recovery.left', { count: recoveryCodes })}
            </Row>
            {offersIdentities && (
              <Row path={paths.identities} name={texts('identity.title')} link={texts('security.manage')}>
                {texts('identity.about')}
              </Row>
            )}
            <Row path={paths.accountTokens} name={texts('tokens.title')} link={texts('security.manage')}>
              {texts('security.tokens', { count: apiTokens })}
            </Row>
            <Row path={paths.sessions} name={texts('sessions.title')} link={texts('security.show')}>
              {texts('security.sessions')}
            </Row>
          </ul>
        </article>
      </>
    ),
  });
}

interface RowProps {
  readonly path: string;
  readonly name: string;
  /** The words of the link. Screen readers read them together with the name. */
  readonly link: string;
  readonly children: ComponentChildren;
}

function Row({ path, name, link, children }: RowProps) {
  const nameId = `about-${path.split('/').at(-1)}`;
  return (
    <li>
      <div>
        <strong id={nameId}>{name}</strong>
        <p>{children}</p>
      </div>
      <a class="row-link" href={path} aria-describedby={nameId}>
        {link}
      </a>
    </li>
  );
}
