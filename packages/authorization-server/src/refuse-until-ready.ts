import type { RequestListener } from 'node:http';
import { describeDenial, titleOfStatus } from './denials/describe-denial.js';
import { renderErrorPage } from './pages/error-page.js';
import type { Stylesheet } from './pages/stylesheet.js';

const { status, code, message, retryAfterSeconds } = describeDenial({ reason: 'database_unavailable' });
const json = JSON.stringify({ error: code, error_description: message });

/** Refuses all requests until the database can be used. Health checks are answered earlier. */
export function refuseUntilReady(stylesheet: Stylesheet): RequestListener {
  const title = titleOfStatus(status);
  const page = renderErrorPage({ stylesheet, status, title, message, code, detail: undefined });
  return (request, response) => {
    const isPage = request.headers.accept?.includes('text/html') === true;
    response
      .writeHead(status, {
        'content-type': isPage ? 'text/html; charset=utf-8' : 'application/json',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'cache-control': 'no-store',
        'retry-after': String(retryAfterSeconds),
        connection: 'close',
      })
      .end(isPage ? page : json);
    // Reads and discards the rest of the body, so that the client reads the answer before the connection closes.
    request.resume();
  };
}
