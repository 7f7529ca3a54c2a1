import { type Database, hashSecret } from '@aipassport/store';
import {
  deleteArtifact,
  findArtifact,
  insertAuditEvent,
  lockArtifact,
  upsertArtifact,
} from '@aipassport/store/authorization';

interface Denial {
  /** SECRET: the interaction's identifier. Only its hash is stored. */
  readonly uid: string;
  readonly accountId: string;
  readonly clientId: string;
}

/** The record is kept as long as the browser keeps the cookie of the interaction. */
const keptSeconds = 3_600;
const denialOf = (uid: string) => ({ model: 'ConsentDenial', idHash: hashSecret(uid) });

/**
 * Records in the audit log that the owner denied a request, once, even if the form is sent again or to several
 * replicas. Other requests that record a denial of the same interaction wait for the lock, and then find this denial.
 */
export async function recordDenial(db: Database, { uid, accountId, clientId }: Denial): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await lockArtifact(transaction, { model: 'Interaction', idHash: hashSecret(uid) });
    // The lookup is a statement of its own, so that it sees a denial that was committed while we waited for the lock.
    if ((await findArtifact(transaction, denialOf(uid))) !== undefined) return;
    await insertAuditEvent(transaction, { event: 'consent_denied', accountId, clientId });
    const denial = { ...denialOf(uid), payload: {}, grantId: undefined, uid: undefined };
    await upsertArtifact(transaction, { ...denial, expiresInSeconds: keptSeconds });
  });
}

/** After the owner allowed the request, another denial is a new decision and is recorded again. */
export async function forgetDenial(db: Database, uid: string): Promise<void> {
  await deleteArtifact(db, denialOf(uid));
}
