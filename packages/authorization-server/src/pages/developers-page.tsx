import { formatPath, paths } from '../endpoints.js';
import type { Texts } from '../texts/texts.js';
import { renderPage, type SignedIn } from './layout.js';
import type { Stylesheet } from './stylesheet.js';
import { Text } from './text.js';

interface DevelopersPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  /** Undefined for a visitor. */
  readonly signedIn: SignedIn | undefined;
  readonly issuer: string;
  readonly resourceProxyUrl: string;
  /** Whether accounts may register clients. */
  readonly offersClients: boolean;
  readonly offersPlayground: boolean;
}

export function renderDevelopersPage(props: DevelopersPageProps): string {
  const { stylesheet, texts, signedIn, issuer, resourceProxyUrl, offersClients, offersPlayground } = props;
  return renderPage({
    stylesheet,
    texts,
    title: texts('developers.title'),
    signedIn,
    children: (
      <>
        <h1>{texts('developers.title')}</h1>
        <p>{texts('developers.about')}</p>
        <article>
          <h2>{texts('developers.urls')}</h2>
          <dl class="addresses">
            <dt>{texts('developers.issuer')}</dt>
            <dd>
              <code>{issuer}</code>
            </dd>
            <dt>{texts('developers.proxy')}</dt>
            <dd>
              <code>{resourceProxyUrl}</code>
            </dd>
          </dl>
        </article>
        <article>
          <h2>{texts('developers.quickStart')}</h2>
          <ol>
            <li>
              <Text id="developers.step1" />
            </li>
            <li>
              <Text id="developers.step2" code={<code>{paths.authorization}</code>} />
            </li>
            <li>
              <Text id="developers.step3" code={<code>{paths.token}</code>} />
            </li>
            <li>
              <Text id="developers.step4" />
            </li>
          </ol>
          <p class="links">
            {offersClients && <a href={paths.developerClients}>{texts('clients.title')}</a>}
            {offersPlayground && <a href={paths.playground}>{texts('playground.title')}</a>}
          </p>
        </article>
        <article>
          <h2>{texts('developers.reference')}</h2>
          <ul class="link-list">
            <li>
              <a href={formatPath(paths.reference, 'authorization-server')}>{texts('developers.serverReference')}</a>
            </li>
            <li>
              <a href={formatPath(paths.reference, 'resource-proxy')}>{texts('developers.proxyReference')}</a>
            </li>
            <li>
              <a href={formatPath(paths.reference, 'admin')}>{texts('developers.adminReference')}</a>
            </li>
            <li>
              <a href={paths.openIdMetadata}>{texts('developers.metadata')}</a>
            </li>
          </ul>
        </article>
      </>
    ),
  });
}
