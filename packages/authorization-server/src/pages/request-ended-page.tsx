import type { EndedInteraction } from '../oidc/ended-interaction.js';
import type { Texts } from '../texts/texts.js';
import { renderPage } from './layout.js';
import { ForeignText } from './parts.js';
import type { Stylesheet } from './stylesheet.js';
import { Text } from './text.js';

interface RequestEndedPageProps extends EndedInteraction {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly appName: string;
  readonly email: string;
  /** Whether the signed-in account has changed since the request began. */
  readonly isAccountChanged: boolean;
}

/** The page for a request that cannot continue. It has links to start again and to go to the app, if they are known. */
export function renderRequestEndedPage(props: RequestEndedPageProps): string {
  const { stylesheet, texts, appName, email, isAccountChanged, restartPath, returnTo } = props;
  const app = <ForeignText>{appName}</ForeignText>;
  return renderPage({
    stylesheet,
    texts,
    title: texts('ended.title'),
    children: (
      <article class="narrow">
        <h1>{texts('ended.title')}</h1>
        <p>{texts(isAccountChanged ? 'ended.accountChanged' : 'ended.signedOut', { email })}</p>
        {restartPath === undefined ? (
          <>
            <p>
              <Text id="ended.askAgain" app={app} />
            </p>
            {returnTo !== undefined && (
              <p>
                <a role="button" href={returnTo}>
                  <Text id="consent.goBack" app={app} />
                </a>
              </p>
            )}
          </>
        ) : (
          <>
            <p>
              <a role="button" href={restartPath}>
                {texts('ended.restart')}
              </a>
            </p>
            {returnTo !== undefined && (
              <p class="links">
                <a href={returnTo}>
                  <Text id="ended.return" app={app} />
                </a>
              </p>
            )}
          </>
        )}
      </article>
    ),
  });
}
