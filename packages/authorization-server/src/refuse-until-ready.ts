import type { RequestListener } from 'node:http';
import { renderErrorPage } from './pages/error-page.js';
import type { Stylesheet } from './pages/stylesheet.js';

const code = 'temporarily_unavailable';
const message = 'The server cannot use its database at the moment. Try again in a few seconds.';
const json = JSON.stringify({ error: code, error_description: message });

/** Refuses all requests until the database can be used. Health checks are answered earlier. */
export function refuseUntilReady(stylesheet: Stylesheet): RequestListener {
  const title = 'This does not work at the moment';
  const page = renderErrorPage({ stylesheet, status: 503, title, message, code, detail: undefined });
  return (request, response) => {
    const isPage = request.headers.accept?.includes('text/html') === true;
    response
      .writeHead(503, {
        'content-type': isPage ? 'text/html; charset=utf-8' : 'application/json',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'cache-control': 'no-store',
        'retry-after': '5',
        connection: 'close',
      })
      .end(isPage ? page : json);
    // The rest of the body is read and discarded, so that the client reads the answer before the connection closes.
    request.resume();
  };
}
