import { renderPage } from './layout.js';
import { ForeignText } from './parts.js';
import type { Stylesheet } from './stylesheet.js';

interface DeviceAnsweredPageProps {
  readonly stylesheet: Stylesheet;
  readonly clientName: string;
  /** The page of the grant; undefined when the request was denied. */
  readonly grantPage: string | undefined;
}

/** The page after a decision on the request of a terminal. */
export function renderDeviceAnsweredPage({ stylesheet, clientName, grantPage }: DeviceAnsweredPageProps): string {
  const name = <ForeignText>{clientName}</ForeignText>;
  return renderPage({
    stylesheet,
    title: 'Go back to your terminal',
    children: (
      <article class="narrow">
        <h1>You can go back to your terminal</h1>
        {grantPage === undefined ? (
          <p>You denied the request. {name} has no access to your AI.</p>
        ) : (
          <p>
            You allowed {name} to use your AI. It continues in a few seconds.{' '}
            <a href={grantPage}>See this access, change it or remove it</a>.
          </p>
        )}
        <p class="aside">You can close this page.</p>
      </article>
    ),
  });
}
