import type { IncomingMessage, ServerResponse } from 'node:http';
import { authenticateRequest } from './authenticate-request.js';
import { answerFailure } from './denials/answer-failure.js';
import { countRefusal } from './denials/count-refusal.js';
import { Denied } from './denials/denial.js';
import type { ProxyDependencies } from './dependencies.js';
import { closeExchange, type Exchange, openExchange } from './exchange.js';
import type { ExchangeResult } from './exchange-result.js';
import type { Outcome } from './forwarding/outcome.js';
import { recordExchange } from './record-exchange.js';
import { admit } from './steps/admit.js';
import { answerModels } from './steps/answer-models.js';
import { authorizeOperation } from './steps/authorize-operation.js';
import { claimIdempotencyKey } from './steps/claim-idempotency-key.js';
import { composeRequest } from './steps/compose-request.js';
import { confirmProviderKey } from './steps/confirm-provider-key.js';
import { confirmScope } from './steps/confirm-scope.js';
import { dropUnknown } from './steps/drop-unknown.js';
import { estimateCost } from './steps/estimate-cost.js';
import { findProviderKey } from './steps/find-provider-key.js';
import { forward } from './steps/forward.js';
import { matchOperation } from './steps/match-operation.js';
import { pickClientHeaders } from './steps/pick-client-headers.js';
import { readRequest } from './steps/read-request.js';
import { recordState } from './steps/record-state.js';
import { boundRecording, refineCost } from './steps/refine-cost.js';
import { requireWellFormed } from './steps/require-well-formed.js';
import { serveState } from './steps/serve-state.js';
import { setModelHeader } from './steps/set-model-header.js';
import { setOutputLimitHeader, setRemainingHeaders } from './steps/set-remaining-headers.js';
import { settle } from './steps/settle.js';
import { trackRequest } from './steps/track-request.js';

/** Runs the steps of a proxied request. If a step throws, no later step runs, and `answerFailure` answers. */
export async function handleProxiedRequest(
  deps: ProxyDependencies,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const exchange = openExchange(deps, request, response);
  try {
    recordExchange(deps, exchange, await exchange.span.run(() => runSteps(deps, exchange)));
  } catch (error) {
    countRefusal(deps, exchange, error);
    recordExchange(deps, exchange, await answerFailure(deps, exchange, error));
  } finally {
    closeExchange(exchange);
  }
}

/**
 * The longest time that an answer waits for its reservation to be released. A release takes less time, unless the
 * database is unavailable.
 */
const maxReleaseMilliseconds = 500;

async function runSteps(deps: ProxyDependencies, exchange: Exchange): Promise<ExchangeResult> {
  const { request } = exchange;
  if (deps.isStopping()) throw new Denied({ reason: 'stopping' });
  requireWellFormed(request);
  const match = matchOperation(deps.operationTable, request.method ?? '', request.url ?? '');
  exchange.match = match;
  for (const name of match.droppedQuery) dropUnknown(deps, exchange, name);
  const claims = await deps.tracing.step('authenticate', () => authenticateRequest(deps, exchange));
  if (match.kind === 'models') {
    await answerModels(deps, exchange, { match, claims });
    return { reason: 'answered' };
  }
  const clientHeaders = pickClientHeaders(deps, exchange, match);
  if (match.kind === 'state') return endWith(await serveState(deps, exchange, { match, claims, clientHeaders }));
  const live = trackRequest(deps, exchange, claims);
  const read = await readRequest(deps, { exchange, match, claims, live });
  exchange.model = read.model;
  authorizeOperation(claims, read);
  const key = await findProviderKey(deps, claims, match.operation);
  const call = await boundRecording(deps, { exchange, claims, call: read, live });
  const quote = estimateCost(call);
  setModelHeader(exchange, call, quote);
  const idempotencyKey = await claimIdempotencyKey(deps, exchange, claims);
  const refine = () => refineCost(deps, { exchange, claims, call, live });
  const candidate = { exchange, claims, call, quote, live, refine };
  const reservation = await deps.tracing.step('admit', () => admit(deps, candidate));
  deps.onFailpoint?.('after_admission');
  confirmScope(deps, reservation, call);
  const providerKey = await confirmProviderKey(deps, {
    key,
    operation: match.operation,
    reservation,
    needsOwnKey: call.state.needsOwnKey,
  });
  const recording = await recordState(deps, exchange, reservation);
  setRemainingHeaders(exchange, reservation);
  const composed = await composeRequest(deps, reservation);
  setOutputLimitHeader(exchange, composed);
  idempotencyKey?.spend();
  const record = recording?.record;
  const outcome = await forward(deps, { exchange, match, clientHeaders, ...composed, providerKey, live, record });
  await recording?.finish();
  deps.onFailpoint?.('before_settle');
  settle(deps, { exchange, reservation, providerKey, meter: composed.meter, outcome, idempotencyKey });
  // The answer says that the request was not counted. This must already be true when the client retries at once.
  if (outcome.kind === 'unreached')
    await deps.settler.whenWritten(reservation.request.requestId, maxReleaseMilliseconds);
  return endWith(outcome);
}

function endWith(outcome: Outcome): ExchangeResult {
  switch (outcome.kind) {
    case 'answered':
      return { reason: 'answered' };
    case 'broken':
    case 'drained':
      return { reason: outcome.reason };
    case 'unreached':
    case 'refused':
      throw new Denied(outcome.denial);
  }
}
