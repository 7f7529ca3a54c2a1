import type { RequestListener } from 'node:http';
import { buildFailure } from './denials/build-failure.js';
import { Denied } from './denials/denial.js';
import { type ExchangeDependencies, openExchange } from './exchange.js';
import { type RecordDependencies, recordExchange } from './record-exchange.js';

export interface WaitingDependencies extends RecordDependencies, ExchangeDependencies {
  readonly resource: string;
}

/**
 * Answers every request with 503 and `Retry-After`, in the caller's dialect. It is used until the database can be
 * reached, and while the proxy detects a restored backup or a journal that is not written. Health checks are answered
 * elsewhere: they report that the server runs and is not ready. No body is read, and nothing is looked up.
 */
export function refuseUntilReady(deps: WaitingDependencies): RequestListener {
  return (request, response) => {
    const exchange = openExchange(deps, request, response);
    const { ending, status, headers, body } = buildFailure(
      deps,
      exchange,
      new Denied({ reason: 'database_unavailable' }),
    );
    response.once('close', () => recordExchange(deps, exchange, ending));
    response.writeHead(status, { ...headers, connection: 'close' }).end(body);
    // The rest of a body is discarded, so that the client reads the answer before the connection ends.
    request.resume();
  };
}
