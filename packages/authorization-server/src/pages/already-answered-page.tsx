import type { Texts } from '../texts/texts.js';
import { renderPage } from './layout.js';
import { ForeignText } from './parts.js';
import type { Stylesheet } from './stylesheet.js';
import { Text } from './text.js';

interface AlreadyAnsweredPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly clientName: string;
  /** The link back to the app; undefined when there is no link that leads to the app. */
  readonly backTo: string | undefined;
  /** The page of the grant; undefined when the request was denied. */
  readonly grantPage: string | undefined;
}

/** The page for an owner who comes back to a request that they have already decided. */
export function renderAlreadyAnsweredPage({
  stylesheet,
  texts,
  clientName,
  backTo,
  grantPage,
}: AlreadyAnsweredPageProps): string {
  const app = <ForeignText>{clientName}</ForeignText>;
  const goBack = <Text id="consent.goBack" app={app} />;
  return renderPage({
    stylesheet,
    texts,
    title: texts('consent.decidedTitle'),
    children: (
      <article class="narrow">
        <h1>{texts('consent.decidedTitle')}</h1>
        <p>
          {grantPage === undefined ? (
            <Text id="consent.decidedDenied" app={app} />
          ) : (
            <Text id="consent.decidedAllowed" app={app} link={<a href={grantPage} />} />
          )}
        </p>
        <p>{backTo === undefined ? goBack : <a href={backTo}>{goBack}</a>}</p>
      </article>
    ),
  });
}
