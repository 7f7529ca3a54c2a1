import type { Database } from '@aipassport/store';
import {
  deleteArtifactsOf,
  type ExistingAccess,
  findExistingAccess,
  lockAccount,
  type NewGrant,
  revokeReplacedGrants,
} from '@aipassport/store/authorization';
import type { Dependencies } from '../dependencies.js';
import type { ConsentRequest } from '../oidc/interactions.js';
import { type Form, fieldList } from '../read-form.js';
import { message } from '../texts/texts.js';
import { readConsentFields } from './consent-fields.js';
import { insertNewGrant } from './insert-new-grant.js';
import type { ConsentView } from './show-consent.js';

/** A new grant that its owner has just allowed. */
export interface AllowedGrant {
  readonly grant: NewGrant;
  readonly request: ConsentRequest['request'];
  readonly form: Form;
  /** The grant of an earlier decision on the same request. This grant ends, because the last decision counts. */
  readonly decidedBefore?: string | undefined;
  /** Decides on the request in the same transaction. The result is false when the request is decided already. */
  readonly decide?: (transaction: Database) => Promise<boolean>;
}

/**
 * Makes the grant and, if the owner chose to replace, ends all other grants that the client has from this owner. Both
 * happen in one transaction, when the owner allows and not when the client redeems its code. So the old grants end even
 * if the client never redeems the code. Then the client has no access, and has to ask again.
 *
 * The consents of one owner run one after the other, on all replicas. If several replace at once, the last grant stays.
 * @returns true, even if the request was decided before; false when the client has got access that the page did not
 * show. Then no grant is made
 */
export async function makeGrant({ db, log }: Pick<Dependencies, 'db' | 'log'>, allowed: AllowedGrant) {
  const { accountId, clientId } = allowed.grant;
  const ended = await db.transaction().execute(async (transaction) => {
    await lockAccount(transaction, accountId);
    // A separate statement, so that it sees the grants that were made while this transaction waited for the lock.
    const existing = await findExistingAccess(transaction, { accountId, clientId });
    return isOutOfDate(allowed, existing) ? undefined : insertAndReplace(transaction, allowed, existing);
  });
  if (ended === undefined) return false;
  if (ended.length > 0) log.info({ event: 'access_replaced', account_id: accountId, client_id: clientId, ended });
  await deleteArtifactsOf(db, ended);
  return true;
}

/**
 * Whether the client has access that the page did not show, or about which the owner did not decide. A grant that the
 * page showed may have ended meanwhile; that changes nothing for the owner.
 */
function isOutOfDate({ grant, form, decidedBefore }: AllowedGrant, existing: ExistingAccess | undefined): boolean {
  const others = existing?.grants.filter(({ id }) => id !== grant.id && id !== decidedBefore) ?? [];
  const shown = fieldList(form, 'existing_grant');
  const hasChosen = readConsentFields(form).fields.existingAccess !== undefined;
  return others.some(({ id }) => !shown.includes(id) || !hasChosen);
}

/** @returns the grants that ended */
async function insertAndReplace(
  transaction: Database,
  { grant, request, form, decidedBefore, decide }: AllowedGrant,
  existing: ExistingAccess | undefined,
): Promise<readonly string[]> {
  if (decide !== undefined && !(await decide(transaction))) return [];
  const shownTokens = [...new Set([...request.tokens.map(({ text }) => text), ...listUnticked(existing)])];
  // If the form was sent twice, the first request has made the grant. Grants that were made since then stay.
  const hadAccess = existing !== undefined || decidedBefore !== undefined;
  if (!(await insertNewGrant(transaction, { ...grant, shownTokens }, hadAccess))) return [];
  if (readConsentFields(form).fields.existingAccess === 'replace') return revokeReplacedGrants(transaction, grant);
  return decidedBefore === undefined ? [] : revokeReplacedGrants(transaction, grant, [decidedBefore]);
}

/** The scope tokens that the owner was asked for earlier and that the newest grant does not allow. */
function listUnticked(existing: ExistingAccess | undefined): readonly string[] {
  const [newest] = existing?.grants ?? [];
  const allowed = newest?.tokens.map(({ text }) => text) ?? [];
  return existing?.shownTokens?.filter((text) => !allowed.includes(text)) ?? [];
}

/** The view of the page when the client has got access that the page did not show. */
export function showNewAccess(form: Form): ConsentView {
  return {
    fields: readConsentFields(form).fields,
    problems: [{ field: undefined, message: message('existing.changed') }],
  };
}
