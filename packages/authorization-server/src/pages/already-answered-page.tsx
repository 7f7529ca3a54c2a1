import type { VNode } from 'preact';
import { paths } from '../endpoints.js';
import type { Texts } from '../texts/texts.js';
import { renderPage } from './layout.js';
import { ForeignText } from './parts.js';
import type { Stylesheet } from './stylesheet.js';
import { Text } from './text.js';

interface AlreadyAnsweredPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly appName: string;
  /** The link back to the app; undefined when there is no link that leads to the app. */
  readonly backTo: string | undefined;
  readonly decision: EarlierDecision;
}

/** `elsewhere`: the owner decided in another tab. This page does not know whether they allowed or denied. */
type EarlierDecision =
  | { readonly kind: 'allowed'; readonly grantPage: string }
  | { readonly kind: 'denied' }
  | { readonly kind: 'elsewhere' };

/** The page for an owner who comes back to a request that they have already decided. */
export function renderAlreadyAnsweredPage({
  stylesheet,
  texts,
  appName,
  backTo,
  decision,
}: AlreadyAnsweredPageProps): string {
  const app = <ForeignText>{appName}</ForeignText>;
  const goBack = <Text id="consent.goBack" app={app} />;
  return renderPage({
    stylesheet,
    texts,
    title: texts('consent.decidedTitle'),
    children: (
      <article class="narrow">
        <h1>{texts('consent.decidedTitle')}</h1>
        <p>
          <Decision decision={decision} app={app} />
        </p>
        {backTo === undefined ? (
          <p>{goBack}</p>
        ) : (
          <p class="links">
            <a href={backTo}>{goBack}</a>
          </p>
        )}
      </article>
    ),
  });
}

function Decision({ decision, app }: { readonly decision: EarlierDecision; readonly app: VNode }) {
  switch (decision.kind) {
    case 'allowed':
      return <Text id="consent.decidedAllowed" app={app} link={<a href={decision.grantPage} />} />;
    case 'denied':
      return <Text id="consent.decidedDenied" app={app} />;
    case 'elsewhere':
      return <Text id="consent.decidedElsewhere" app={app} link={<a href={paths.apps} />} />;
  }
}
