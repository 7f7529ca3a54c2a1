import { renderPage } from './layout.js';
import { ForeignText } from './parts.js';
import type { Stylesheet } from './stylesheet.js';

interface AlreadyAnsweredPageProps {
  readonly stylesheet: Stylesheet;
  readonly clientName: string;
  /** The link back to the app; undefined when there is no link that leads to the app. */
  readonly backTo: string | undefined;
  /** The page of the grant; undefined when the request was denied. */
  readonly grantPage: string | undefined;
}

/** The page for an owner who comes back to a request that they have already decided. */
export function renderAlreadyAnsweredPage({
  stylesheet,
  clientName,
  backTo,
  grantPage,
}: AlreadyAnsweredPageProps): string {
  const name = <ForeignText>{clientName}</ForeignText>;
  return renderPage({
    stylesheet,
    title: 'You have decided already',
    children: (
      <article class="narrow">
        <h1>You have decided already</h1>
        {grantPage === undefined ? (
          <p>You have answered this request of {name}. If you want to decide otherwise, connect again in the app.</p>
        ) : (
          <p>
            You have allowed {name} what it asked for. <a href={grantPage}>See it, change it or end it</a>.
          </p>
        )}
        <p>{backTo === undefined ? <>Go back to {name}.</> : <a href={backTo}>Go back to {name}</a>}</p>
      </article>
    ),
  });
}
