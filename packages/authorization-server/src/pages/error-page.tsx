import { renderPage } from './layout.js';
import type { Stylesheet } from './stylesheet.js';

interface ErrorPageProps {
  readonly stylesheet: Stylesheet;
  readonly status: number;
  readonly title: string;
  /** For the person who reads the page. It contains nothing from the request. */
  readonly message: string;
  /** For the app's developers. */
  readonly code: string;
  readonly detail: string | undefined;
}

export function renderErrorPage({ stylesheet, title, message, code, detail }: ErrorPageProps): string {
  return renderPage({
    stylesheet,
    title,
    children: (
      <article class="narrow">
        <h1>{title}</h1>
        <p>{message}</p>
        <details>
          <summary>For the makers of the app</summary>
          <p>
            <code>{code}</code>
            {detail !== undefined && detail !== code ? `: ${detail}` : ''}
          </p>
        </details>
      </article>
    ),
  });
}
