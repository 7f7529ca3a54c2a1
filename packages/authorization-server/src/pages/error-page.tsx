import type { AppLink } from '../account/find-app-link.js';
import type { ErrorWords } from '../denials/error-words.js';
import { paths } from '../endpoints.js';
import type { Texts } from '../texts/texts.js';
import { renderPage } from './layout.js';
import { ForeignText } from './parts.js';
import type { Stylesheet } from './stylesheet.js';
import { Text } from './text.js';

interface ErrorPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  /** The words for the person who reads the page. They contain nothing from the request. */
  readonly words: ErrorWords;
  /** For the app's developers. */
  readonly code: string;
  readonly detail: string | undefined;
  /** Where the reader finds the app that began the request; undefined when that is not known. */
  readonly appLink?: AppLink | undefined;
}

export function renderErrorPage({ stylesheet, texts, words, code, detail, appLink }: ErrorPageProps): string {
  const title = texts(words.title);
  return renderPage({
    stylesheet,
    texts,
    title,
    children: (
      <article class="narrow">
        <h1>{title}</h1>
        <p>{texts.say(words.message)}</p>
        {words.linksToApps === true && (
          <p class="links">
            <a href={paths.apps}>{texts('common.connectedApps')}</a>
          </p>
        )}
        {appLink !== undefined && (
          <p>
            <a role="button" href={appLink.url}>
              <Text id="errors.backTo" host={<ForeignText>{appLink.host}</ForeignText>} />
            </a>
          </p>
        )}
        <details>
          <summary>{texts('errors.details')}</summary>
          <p lang="en">
            <code>{code}</code>
            {detail !== undefined && detail !== code ? `: ${detail}` : ''}
          </p>
        </details>
      </article>
    ),
  });
}
