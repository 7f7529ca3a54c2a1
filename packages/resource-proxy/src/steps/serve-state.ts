import type { Capability } from '@aipassport/policy';
import { findStoredObjects, takeStateRequest } from '@aipassport/store/proxying';
import { Denied } from '../denials/denial.js';
import { findScopeDenial } from '../denials/find-scope-denial.js';
import type { ProxyDependencies } from '../dependencies.js';
import type { Exchange } from '../exchange.js';
import type { Outcome } from '../forwarding/outcome.js';
import type { AnswerSink } from '../forwarding/relay-options.js';
import { createMeter } from '../metering/create-meter.js';
import type { ProviderKey } from '../provider-keys/provider-keys.js';
import { finishChange, prepareChange, readChange } from '../state/change-state.js';
import { findOwnKey } from '../state/find-own-key.js';
import { listOwnFiles } from '../state/list-own-files.js';
import type { StateBody } from '../state/read-state-body.js';
import { recordStateChanges } from '../state/record-answer.js';
import { RecordedAnswer } from '../state/recorded-answer.js';
import { unknownTokens } from '../state/state-facts.js';
import type { StateRequest } from '../state/state-request.js';
import { getStoredState } from '../upstreams/upstream-apis.js';
import { forward } from './forward.js';
import { requireLiveGrant } from './require-live-grant.js';
import { trackRequest } from './track-request.js';

/**
 * Reads or changes a grant's stored objects at the vendor, with the owner's own provider key. This costs nothing and is
 * not counted, so a grant whose limits are reached can still reach the objects that were stored for it. Only the rate
 * is limited. A grant that has ended cannot reach the objects.
 *
 * @throws Denied `state_unknown` for an object that is stored for another grant, or not at all
 */
export async function serveState(
  deps: ProxyDependencies,
  exchange: Exchange,
  stateRequest: StateRequest,
): Promise<Outcome> {
  const { match, claims, clientHeaders } = stateRequest;
  const live = trackRequest(deps, exchange, claims);
  const grant = await requireLiveGrant(deps, exchange, claims);
  await requireLowRate(deps, stateRequest);
  await requireOwn(deps, stateRequest);
  // Both the scope of the token and the scope of the grant must cover these capabilities, because the grant may have
  // been narrowed since the token was issued.
  const findMissing = (ofBody: Iterable<Capability>) =>
    findScopeDenial([claims, grant], { capabilities: new Set([match.operation.capability ?? 'chat', ...ofBody]) });
  const missing = findMissing([]);
  // If the scope does not suffice, a JSON body is read first, so that the denial can name everything that is missing.
  // A file needs no other capability.
  if (missing !== undefined && match.operation.stored?.action === 'upload') throw new Denied(missing);
  if (match.pathIds.length === 0 && missing === undefined) await requireKey(deps, stateRequest);
  const body = await readChange(deps, exchange, stateRequest);
  const scopeDenial = findMissing(body?.capabilities ?? []);
  if (scopeDenial !== undefined) throw new Denied(scopeDenial);
  const providerKey = await requireKey(deps, stateRequest);
  if (match.operation.stored?.action === 'list_own')
    return listOwnFiles(deps, { exchange, live, providerKey, ...stateRequest });
  await prepareChange(deps, stateRequest, body);
  const { form: operationId } = match.operation;
  return forward(deps, {
    exchange,
    match,
    clientHeaders,
    providerKey,
    live,
    content:
      body === undefined
        ? { kind: 'none' }
        : {
            kind: 'json',
            contentType: body.contentType,
            takeBody: () => body.bytes,
            bodyReservation: body.bodyReservation,
          },
    meter: createMeter({ operationId, hidesUsage: false }),
    // The content of a file is the client's own. It could look like an answer that names an object of another grant.
    ...(match.operation.stored?.action !== 'content' && {
      record: (relay: AnswerSink) => recordChanges(deps, { ...stateRequest, body, relay }),
    }),
  });
}

interface AnswerToRecord extends StateRequest {
  readonly body: StateBody | undefined;
  readonly relay: AnswerSink;
}

function recordChanges(deps: ProxyDependencies, { body, relay, ...stateRequest }: AnswerToRecord): RecordedAnswer {
  const { match, claims } = stateRequest;
  const { grantId, accountId } = claims;
  const { form, dialect, upstream } = match.operation;
  const { keptDays, createReader } = getStoredState(dialect);
  const owner = {
    grantId,
    accountId,
    upstream,
    keptDays,
    mostTokens: unknownTokens,
    pictures: body?.pictures ?? 0,
    conversationTokens: body?.tokens ?? 0,
  };
  return new RecordedAnswer({
    relay,
    read: createReader(form, match.pathIds[0]),
    record: (changes) => recordStateChanges(deps, owner, changes),
    onRefused: () => Promise.resolve(),
    onSucceeded: () => finishChange(deps, stateRequest),
    isBackground: false,
  });
}

/**
 * Called after the body has been read. For a new object, also called before that. The second call is needed because the
 * provider key may have been deleted meanwhile.
 */
async function requireKey(deps: ProxyDependencies, { match, claims }: StateRequest): Promise<ProviderKey> {
  const key = await findOwnKey(deps, claims.accountId, match.operation.upstream);
  if (key === undefined) throw new Denied({ reason: 'state_not_kept', field: undefined });
  return key;
}

async function requireLowRate({ db }: ProxyDependencies, { claims }: StateRequest): Promise<void> {
  const retryAfterSeconds = await takeStateRequest(db, claims.grantId);
  if (retryAfterSeconds !== undefined) throw new Denied({ reason: 'rate_limited', retryAfterSeconds });
}

async function requireOwn({ db }: ProxyDependencies, { match, claims }: StateRequest): Promise<void> {
  const { pathIds, operation } = match;
  if (pathIds.length === 0) return;
  const { grantId } = claims;
  const found = await findStoredObjects(db, { grantId, upstream: operation.upstream, ids: pathIds });
  const kind = operation.stored?.kind;
  const isOwn = pathIds.every((id, index) => found.some((each) => each.id === id && (index > 0 || each.kind === kind)));
  if (!isOwn) throw new Denied({ reason: 'state_unknown', field: undefined });
}
