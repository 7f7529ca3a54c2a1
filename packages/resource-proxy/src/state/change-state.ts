import { addToConversation, deleteStoredObject, findBackgroundResponse } from '@aipassport/store/proxying';
import { Denied } from '../denials/denial.js';
import type { ProxyDependencies } from '../dependencies.js';
import { type Exchange, noteDropped } from '../exchange.js';
import type { BodyReservation } from '../reading/body-memory.js';
import { readBody } from '../reading/read-body.js';
import { requireForm, requireJson } from '../reading/require-content.js';
import { askForResponse } from './background/ask-for-response.js';
import { settleBackground } from './background/settle-background.js';
import { readFileUpload } from './read-file-upload.js';
import { readStateBody, type StateBody } from './read-state-body.js';
import type { StateRequest } from './state-request.js';

/** The maximum size of a JSON body. It can be small, because the vendor accepts at most twenty items in a request. */
const maxBodyBytes = 1_048_576;

/**
 * Reads the body of a request that changes stored state.
 * @returns undefined for a request that needs no body
 * @throws Denied
 */
export async function readChange(
  deps: ProxyDependencies,
  exchange: Exchange,
  { match, claims }: StateRequest,
): Promise<(StateBody & { readonly bodyReservation: BodyReservation }) | undefined> {
  if (match.operation.method !== 'POST' || match.operation.stored?.action === 'cancel') return undefined;
  const { request, response, cleanups } = exchange;
  const bodyReservation = deps.bodyMemory.open(claims);
  cleanups.push(bodyReservation.close);
  const isUpload = match.operation.stored?.action === 'upload';
  const boundary = isUpload ? requireForm(request.headers) : undefined;
  if (!isUpload && request.headers['content-type'] !== undefined) requireJson(request.headers);
  const requireOpenGrant = () => deps.openGrants.require(claims.grantId);
  const body = await readBody({
    request,
    response,
    limits: deps.limits,
    maxBytes: isUpload ? deps.limits.maxUploadBytes : maxBodyBytes,
    bodyReservation,
    requireOpenGrant,
  });
  const change =
    boundary === undefined
      ? readStateBody(deps, match, body.join())
      : readFileUpload(deps, { body, boundary, operation: match.operation });
  bodyReservation.keep(change.bytes.length);
  noteDropped(exchange, change.dropped);
  return { ...change, bodyReservation };
}

/**
 * Commits what must be in the database before a change is sent: the items that the change adds to a conversation, or
 * the settlement of the background response that it deletes.
 * @throws Denied
 */
export async function prepareChange(
  deps: ProxyDependencies,
  { match, claims }: StateRequest,
  body: StateBody | undefined,
): Promise<void> {
  const { grantId } = claims;
  const { stored, upstream } = match.operation;
  const [objectId = ''] = match.pathIds;
  if (stored?.action === 'add_items') {
    const isAdded = await addToConversation(
      deps.db,
      { grantId, upstream, conversationId: objectId },
      { addedTokens: body?.tokens ?? 0, addedPictures: body?.pictures ?? 0 },
    );
    if (!isAdded) throw new Denied({ reason: 'conversation_locked' });
  }
  if (stored?.kind === 'response' && stored.action === 'delete')
    await settleBeforeDeletion(deps, { grantId, upstream, responseId: objectId });
}

/**
 * Settles a background response before it is deleted, because its usage cannot be fetched after the deletion. A
 * response that is still running is cancelled first.
 */
async function settleBeforeDeletion(
  deps: ProxyDependencies,
  name: Parameters<typeof findBackgroundResponse>[1],
): Promise<void> {
  const open = await findBackgroundResponse(deps.db, name);
  if (open === undefined) return;
  const now = await askForResponse(deps, open, 'get');
  const last = now.kind === 'response' && !now.response.isFinal ? await askForResponse(deps, open, 'cancel') : now;
  await settleBackground(deps, open, last.kind === 'response' ? last.response : undefined);
}

/** Deletes the records of objects that the vendor has deleted. */
export async function finishChange({ db }: ProxyDependencies, { match, claims }: StateRequest): Promise<void> {
  const id = match.pathIds.at(-1);
  if (match.operation.method !== 'DELETE' || id === undefined) return;
  await deleteStoredObject(db, { grantId: claims.grantId, upstream: match.operation.upstream, id });
}
