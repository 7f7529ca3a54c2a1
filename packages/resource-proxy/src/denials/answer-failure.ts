import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readiness } from '@aipassport/contracts';
import type { Logger } from 'pino';
import { allowRegisteredOrigin } from '../cors/allow-origin.js';
import type { ClientOrigins } from '../cors/client-origins.js';
import type { Exchange } from '../exchange.js';
import type { ExchangeResult } from '../exchange-result.js';
import { dropBody } from '../reading/drop-body.js';
import { buildFailure } from './build-failure.js';

interface AnswerDependencies {
  readonly log: Logger;
  readonly resource: string;
  readonly origins: ClientOrigins;
  readonly readiness: Pick<Readiness, 'discardResult'>;
}

/**
 * Answers any thrown error. If an answer has already begun, its connection is closed, so that the client does not take
 * it for complete.
 */
export async function answerFailure(
  deps: AnswerDependencies,
  exchange: Exchange,
  error: unknown,
): Promise<ExchangeResult> {
  const { ending, status, headers, body } = buildFailure(deps, exchange, error);
  const { request, response } = exchange;
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return ending;
  }
  await allowRegisteredOrigin(deps, exchange).catch(() => undefined);
  const isBodyPending = !request.complete && request.method === 'POST';
  if (isBodyPending) response.setHeader('connection', 'close');
  response.writeHead(status, headers);
  if (isBodyPending) endAfterBody(request, response, body);
  else response.end(body);
  return ending;
}

/**
 * Ends the answer when the client has sent its whole body, or after some time. If the proxy closed the connection while
 * the client was still sending, TCP would reset the connection and the answer would be lost.
 */
function endAfterBody(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  response.write(body);
  dropBody(request, () => response.end(() => request.destroy()));
}
