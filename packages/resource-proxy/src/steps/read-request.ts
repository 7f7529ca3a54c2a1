import type { OperationOf } from '@aipassport/policy';
import { findStoredObjects } from '@aipassport/store/proxying';
import type { Call } from '../call.js';
import { plainWord } from '../denials/plain-word.js';
import type { ProxyDependencies } from '../dependencies.js';
import { type Exchange, noteDropped } from '../exchange.js';
import { denialOfCut } from '../forwarding/denial-of-cut.js';
import type { AccessTokenClaims } from '../introspection/access-token-claims.js';
import { findMetering } from '../metering/metering-table.js';
import { listOccurrences } from '../multipart/list-occurrences.js';
import { estimateCallCost, tryCost } from '../preparing/estimate-call-cost.js';
import { type PreparedBody, prepareBody } from '../preparing/prepare-body.js';
import { startCapabilities } from '../preparing/prepare-call.js';
import { prepareForm } from '../preparing/prepare-form.js';
import { requireModel } from '../preparing/require-model.js';
import type { BodyReservation } from '../reading/body-memory.js';
import { type BodyReading, readBody } from '../reading/read-body.js';
import { readUpload } from '../reading/read-upload.js';
import { isJson, requireForm, requireJson } from '../reading/require-content.js';
import type { LiveRequest } from '../revocation/live-requests.js';
import { keepsState } from '../state/keeps-state.js';
import { stateless } from '../state/state-facts.js';
import { dropUnknown } from './drop-unknown.js';
import type { CountedKind, OperationMatch } from './match-operation.js';

export interface RequestToRead {
  readonly exchange: Exchange;
  readonly match: OperationMatch<CountedKind>;
  readonly claims: AccessTokenClaims;
  readonly live: LiveRequest;
}

type RequestOf<K extends CountedKind> = RequestToRead & { readonly match: OperationMatch<K> };

/**
 * Reads the body, strictly and within limits. Determines the model, which is in the path or in the body, depending on
 * the operation, and every capability that the request needs.
 *
 * @throws Denied 400, 404 for an unknown model, 408, 413, 415, 429 or 503; and the denials of a grant that has ended or
 * is used up
 */
export async function readRequest(deps: ProxyDependencies, reading: RequestToRead): Promise<Call> {
  const bodyReservation = deps.bodyMemory.open(reading.claims);
  reading.exchange.cleanups.push(bodyReservation.close);
  const { match } = reading;
  switch (match.kind) {
    case 'upload':
      return readUploadRequest(deps, { ...reading, match }, bodyReservation);
    case 'form':
      return readFormRequest(deps, { ...reading, match }, bodyReservation);
    case 'json':
      return readJsonRequest(deps, { ...reading, match }, bodyReservation);
  }
}

async function readFormRequest(
  deps: ProxyDependencies,
  reading: RequestOf<'form'>,
  bodyReservation: BodyReservation,
): Promise<Call> {
  const { match, exchange } = reading;
  const { operation } = match;
  const { jsonForm } = operation;
  const { headers } = exchange.request;
  if (jsonForm !== undefined && isJson(headers)) {
    const asJson: OperationOf<'json'> = { ...operation, kind: 'json', form: jsonForm };
    return readJsonRequest(deps, { ...reading, match: { ...match, kind: 'json', operation: asJson } }, bodyReservation);
  }
  const boundary = requireForm(headers, jsonForm === undefined ? 'none' : 'json');
  const body = await readBody(
    describeReading(deps, reading, { bodyReservation, maxBytes: deps.limits.maxUploadBytes }),
  );
  const prepared = prepareForm(deps, { body, boundary, operation, nowMilliseconds: deps.now() });
  return describeCall(reading, prepared, bodyReservation);
}

async function readUploadRequest(
  deps: ProxyDependencies,
  reading: RequestOf<'upload'>,
  bodyReservation: BodyReservation,
): Promise<Call> {
  const { exchange, match } = reading;
  const { operation } = match;
  const upload = await readUpload(
    describeReading(deps, reading, { bodyReservation, maxBytes: deps.limits.maxUploadBytes }),
    {
      fields: listOccurrences(deps.requestRules.tableOf(operation.form)),
      report: findMetering(operation.form)?.report,
      onUnknown: (name) => dropUnknown(deps, exchange, plainWord(name) ?? '?'),
    },
  );
  exchange.cleanups.push(() => upload.body.destroy());
  const model = requireModel(deps.models, operation, upload.model);
  const content = { kind: 'upload', form: operation.form, upload } as const;
  const { cost } = tryCost(() =>
    estimateCallCost(deps.prices, { operation, model, content, nowMilliseconds: deps.now() }),
  );
  return { match, model, capabilities: startCapabilities(operation), isStream: false, state: stateless, cost, content };
}

async function readJsonRequest(
  deps: ProxyDependencies,
  reading: RequestOf<'json'>,
  bodyReservation: BodyReservation,
): Promise<Call> {
  const { exchange, match, claims, live } = reading;
  const { operation, pathModel } = match;
  requireJson(exchange.request.headers);
  const body = await readBody(
    describeReading(deps, reading, { bodyReservation, maxBytes: deps.limits.maxJsonBodyBytes }),
  );
  const isKept = await keepsState(deps, claims, operation);
  const prepared = await prepareBody(deps, {
    body,
    order: { operation, pathModel, nowMilliseconds: deps.now(), state: { isKept, found: undefined } },
    findState: (ids) => findStoredObjects(deps.db, { grantId: claims.grantId, upstream: operation.upstream, ids }),
    owner: claims,
    findCut: () => (live.cutReason === undefined ? undefined : denialOfCut(live.cutReason)),
  });
  return describeCall(reading, prepared, bodyReservation);
}

function describeCall(
  { exchange, match }: RequestToRead,
  prepared: PreparedBody,
  bodyReservation: BodyReservation,
): Call {
  exchange.cleanups.push(prepared.discard);
  const { model, capabilities, isStream, state, cost, dropped } = prepared.facts;
  noteDropped(exchange, dropped);
  const content = { kind: 'json', prepared, bodyReservation } as const;
  return { match, model, capabilities: new Set(capabilities), isStream, state, cost, content };
}

function describeReading(
  { limits, openGrants }: ProxyDependencies,
  { exchange, claims }: RequestToRead,
  { bodyReservation, maxBytes }: Pick<BodyReading, 'bodyReservation' | 'maxBytes'>,
): BodyReading {
  const { request, response } = exchange;
  return {
    request,
    response,
    limits,
    maxBytes,
    bodyReservation,
    requireOpenGrant: () => openGrants.require(claims.grantId),
  };
}
