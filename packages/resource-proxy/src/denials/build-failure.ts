import type { Readiness } from '@aipassport/contracts';
import { isDatabaseUnavailable, isSchemaMismatch } from '@aipassport/store';
import type { Logger } from 'pino';
import type { Exchange } from '../exchange.js';
import type { ExchangeResult } from '../exchange-result.js';
import { buildMetadataUrl, readResourcePath } from '../routes/metadata-url.js';
import { buildChallenge } from './build-challenge.js';
import { type Denial, Denied } from './denial.js';
import { describeDenial, unexpectedError } from './describe-denial.js';
import type { ErrorDescription } from './error-description.js';
import { affectsAllRequests } from './outages.js';
import { sdkForms } from './sdk-forms.js';

/** The answer to a thrown error, and the result of the exchange, which is logged. */
export interface Failure {
  readonly ending: ExchangeResult;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

interface FailureDependencies {
  readonly log: Logger;
  readonly resource: string;
  /** Absent until the server is ready, because its health is reported as failing until then. */
  readonly readiness?: Pick<Readiness, 'discardResult'>;
}

/**
 * Turns a thrown error into an answer in the caller's dialect. An unexpected error is logged whole; its answer contains
 * no details.
 */
export function buildFailure(deps: FailureDependencies, exchange: Exchange, error: unknown): Failure {
  const { log, resource, readiness } = deps;
  const denial = readDenial(error);
  if (denial !== undefined && affectsAllRequests(denial)) readiness?.discardResult();
  if (isSchemaMismatch(error))
    log.error(
      { event: 'schema_mismatch', request_id: exchange.requestId, err: error },
      'the database lacks a table, column or function that the server uses',
    );
  if (denial === undefined) {
    log.error(
      { event: 'unexpected_error', request_id: exchange.requestId, err: error },
      'a request failed unexpectedly',
    );
  }
  const description = denial === undefined ? unexpectedError : describeDenial(denial);
  const { buildEnvelope } = sdkForms[exchange.dialect];
  const body = Buffer.from(JSON.stringify(buildEnvelope(description, exchange.requestId)));
  const headers = {
    ...description.headers,
    ...(description.limit !== undefined && { 'aipassport-limit': description.limit }),
    ...readChallenge(description, exchange, resource),
    'content-type': 'application/json',
    'content-length': String(body.length),
  };
  return { ending: describeResult(denial), status: description.status, headers, body };
}

function readDenial(error: unknown): Denial | undefined {
  if (error instanceof Denied) return error.denial;
  return isDatabaseUnavailable(error) ? { reason: 'database_unavailable' } : undefined;
}

function readChallenge(
  description: ErrorDescription,
  { match, request, scheme }: Exchange,
  resource: string,
): Record<string, string> {
  if (description.challenge === undefined) return {};
  const capability = match?.operation.capability;
  const scopeHint = capability === undefined ? '' : `cap:${capability}`;
  const metadataUrl = buildMetadataUrl(resource, readResourcePath(request.url ?? ''));
  return { 'www-authenticate': buildChallenge(description, { scheme, metadataUrl, scopeHint }) };
}

function describeResult(denial: Denial | undefined): ExchangeResult {
  if (denial === undefined) return { reason: 'unexpected_error' };
  return 'detail' in denial ? { reason: denial.reason, detail: denial.detail } : { reason: denial.reason };
}
