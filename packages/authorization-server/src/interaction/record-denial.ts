import { type Database, hashSecret } from '@aipassport/store';
import {
  type ArtifactKey,
  deleteArtifact,
  findArtifact,
  insertAuditEvent,
  lockArtifact,
  upsertArtifact,
} from '@aipassport/store/authorization';

interface DecidedRequest {
  /** SECRET: the interaction's identifier. Only its hash is stored. */
  readonly uid: string;
  /** SECRET: the identifier of the pushed request that began the interaction; undefined when it was not pushed. */
  readonly pushedRequestId: string | undefined;
}

interface Denial extends DecidedRequest {
  readonly accountId: string;
  readonly clientId: string;
  /** The grant that the request would have changed. */
  readonly grantId?: string;
}

/** The record is kept as long as the browser keeps the cookie of the interaction. */
const keptSeconds = 3_600;

/**
 * The stored request. If a pushed request is open in several tabs, each tab has its own interaction, but all belong to
 * this one request.
 */
function requestOf({ uid, pushedRequestId }: DecidedRequest): ArtifactKey {
  if (pushedRequestId === undefined) return { model: 'Interaction', idHash: hashSecret(uid) };
  return { model: 'PushedAuthorizationRequest', idHash: hashSecret(pushedRequestId) };
}

const denialOf = (request: DecidedRequest): ArtifactKey => ({ ...requestOf(request), model: 'ConsentDenial' });

/**
 * Records in the audit log that the owner denied a request. The denial is recorded only once, even if the form is sent
 * again from another tab or to another replica. Other transactions that record a denial of the same request wait
 * for the lock, and then find this denial.
 */
export async function recordDenial(transaction: Database, denial: Denial): Promise<void> {
  const { accountId, clientId, grantId } = denial;
  await lockArtifact(transaction, requestOf(denial));
  // The lookup is a statement of its own, so that it sees a denial that was committed while we waited for the lock.
  if ((await findArtifact(transaction, denialOf(denial))) !== undefined) return;
  await insertAuditEvent(transaction, {
    event: 'consent_denied',
    accountId,
    clientId,
    ...(grantId === undefined ? {} : { grantId }),
  });
  const mark = { ...denialOf(denial), payload: {}, grantId: undefined, uid: undefined };
  await upsertArtifact(transaction, { ...mark, expiresInSeconds: keptSeconds });
}

/** After the owner allowed the request, another denial is a new decision and is recorded again. */
export async function forgetDenial(db: Database, request: DecidedRequest): Promise<void> {
  await deleteArtifact(db, denialOf(request));
}
