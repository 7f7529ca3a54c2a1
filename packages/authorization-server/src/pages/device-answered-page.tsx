import type { Texts } from '../texts/texts.js';
import { renderPage } from './layout.js';
import { ForeignText } from './parts.js';
import type { Stylesheet } from './stylesheet.js';
import { Text } from './text.js';

interface DeviceAnsweredPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  /** The name of the app, its hosts, and whether the operator vouches for it. */
  readonly app: string;
  /** The path of the grant's page; undefined when the request was denied. */
  readonly grantPage: string | undefined;
}

/** The page that is shown after the owner has allowed or denied the request of a terminal. */
export function renderDeviceAnsweredPage({ stylesheet, texts, app: name, grantPage }: DeviceAnsweredPageProps): string {
  const app = <ForeignText>{name}</ForeignText>;
  return renderPage({
    stylesheet,
    texts,
    title: texts('device.answeredTitle'),
    children: (
      <article class="narrow">
        <h1>{texts('device.answered')}</h1>
        <p>
          {grantPage === undefined ? (
            <Text id="device.denied" app={app} />
          ) : (
            <Text id="device.allowed" app={app} link={<a href={grantPage} />} />
          )}
        </p>
        <p class="aside">{texts('device.close')}</p>
      </article>
    ),
  });
}
