import type { RequestListener } from 'node:http';
import { describeDenial } from './denials/describe-denial.js';
import { describeForReader } from './denials/error-words.js';
import { renderErrorPage } from './pages/error-page.js';
import type { Stylesheet } from './pages/stylesheet.js';
import { textsFor } from './texts/choose-texts.js';

const denial = { reason: 'database_unavailable' } as const;
const { status, code, message, retryAfterSeconds } = describeDenial(denial);
const json = JSON.stringify({ error: code, error_description: message });

/** Refuses each request while the database cannot be used. `answerHealthBefore` has already answered health checks. */
export function refuseUntilReady(stylesheet: Stylesheet): RequestListener {
  const words = describeForReader(denial);
  const renderFor = (acceptLanguage: string) =>
    renderErrorPage({ stylesheet, texts: textsFor(acceptLanguage), words, code, detail: message });
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
      .end(isPage ? renderFor(request.headers['accept-language'] ?? '') : json);
    // Reads and discards the rest of the body, so that the client reads the answer before the connection closes.
    request.resume();
  };
}
