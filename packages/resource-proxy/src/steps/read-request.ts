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
import type { OperationMatch } from './match-operation.js';

export interface RequestToRead {
  readonly exchange: Exchange;
  readonly match: OperationMatch;
  readonly claims: AccessTokenClaims;
  readonly live: LiveRequest;
}

/**
 * Reads the body, strictly and within limits. Determines the model, which each operation names in only one place, and
 * every capability that the request needs.
 *
 * @throws Denied 400, 404 for an unknown model, 408, 413, 415 or 429; and the denials of a grant that has ended
 */
export async function readRequest(deps: ProxyDependencies, reading: RequestToRead): Promise<Call> {
  const hold = deps.bodyMemory.open(reading.claims);
  reading.exchange.cleanups.push(hold.close);
  const { operation } = reading.match;
  switch (operation.kind) {
    case 'upload':
      return readUploadRequest(deps, { ...reading, operation }, hold);
    case 'form':
      return readFormRequest(deps, { ...reading, operation }, hold);
    case 'json':
      return readJsonRequest(deps, { ...reading, operation }, hold);
    case 'models':
    case 'state':
      throw new Error(`${operation.id} is not counted, and is served by an earlier step`);
  }
}

async function readFormRequest(
  deps: ProxyDependencies,
  reading: RequestToRead & { readonly operation: OperationOf<'form'> },
  hold: BodyReservation,
): Promise<Call> {
  const { match, exchange, operation } = reading;
  const { jsonForm } = operation;
  const { headers } = exchange.request;
  if (jsonForm !== undefined && isJson(headers)) {
    const asJson: OperationOf<'json'> = { ...operation, kind: 'json', form: jsonForm };
    return readJsonRequest(deps, { ...reading, match: { ...match, operation: asJson }, operation: asJson }, hold);
  }
  const boundary = requireForm(headers, jsonForm === undefined ? 'none' : 'json');
  const body = await readBody(describeReading(deps, reading, { hold, maxBytes: deps.limits.maxUploadBytes }));
  const prepared = prepareForm(deps, { body, boundary, operation, nowMilliseconds: deps.now() });
  return describeCall(reading, prepared, hold);
}

async function readUploadRequest(
  deps: ProxyDependencies,
  reading: RequestToRead & { readonly operation: OperationOf<'upload'> },
  hold: BodyReservation,
): Promise<Call> {
  const { exchange, match, operation } = reading;
  const upload = await readUpload(describeReading(deps, reading, { hold, maxBytes: deps.limits.maxUploadBytes }), {
    fields: listOccurrences(deps.requestRules.tableOf(operation.form)),
    report: findMetering(operation.form)?.report,
    onUnknown: (name) => dropUnknown(deps, exchange, plainWord(name) ?? '?'),
  });
  exchange.cleanups.push(() => upload.body.destroy());
  const model = requireModel(deps.models, operation, upload.model);
  const content = { kind: 'upload', upload } as const;
  const { cost } = tryCost(() =>
    estimateCallCost(deps.prices, { operation, model, content, nowMilliseconds: deps.now() }),
  );
  return { match, model, capabilities: startCapabilities(operation), isStream: false, state: stateless, cost, content };
}

async function readJsonRequest(
  deps: ProxyDependencies,
  reading: RequestToRead & { readonly operation: OperationOf<'json'> },
  hold: BodyReservation,
): Promise<Call> {
  const { exchange, match, operation, claims, live } = reading;
  const { pathModel } = match;
  requireJson(exchange.request.headers);
  const body = await readBody(describeReading(deps, reading, { hold, maxBytes: deps.limits.maxJsonBodyBytes }));
  const isKept = await keepsState(deps, claims, operation);
  const prepared = await prepareBody(deps, {
    body,
    order: { operation, pathModel, nowMilliseconds: deps.now(), state: { isKept, found: undefined } },
    findState: (ids) => findStoredObjects(deps.db, { grantId: claims.grantId, upstream: operation.upstream, ids }),
    owner: claims,
    findCut: () => (live.cutReason === undefined ? undefined : denialOfCut(live.cutReason)),
  });
  return describeCall(reading, prepared, hold);
}

function describeCall({ exchange, match }: RequestToRead, prepared: PreparedBody, hold: BodyReservation): Call {
  exchange.cleanups.push(prepared.discard);
  const { model, capabilities, isStream, state, cost, dropped } = prepared.facts;
  noteDropped(exchange, dropped);
  const content = { kind: 'json', prepared, hold } as const;
  return { match, model, capabilities: new Set(capabilities), isStream, state, cost, content };
}

function describeReading(
  { limits, openGrants }: ProxyDependencies,
  { exchange, claims }: RequestToRead,
  { hold, maxBytes }: Pick<BodyReading, 'hold' | 'maxBytes'>,
): BodyReading {
  const { request, response } = exchange;
  return { request, response, limits, maxBytes, hold, requireOpenGrant: () => openGrants.require(claims.grantId) };
}
