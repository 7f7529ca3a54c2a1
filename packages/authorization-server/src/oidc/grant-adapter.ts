import type { Database } from '@aipassport/store';
import { findGrant, revokeGrant } from '@aipassport/store/authorization';
import type { Adapter } from 'oidc-provider';
import { currentDatabase, currentState } from './current-database.js';
import { buildGrantPayload } from './engine/build-grant-payload.js';
import { currentContext } from './engine/current-context.js';
import { describeRevocation } from './engine/describe-revocation.js';
import { orUnavailable } from './errors.js';

/**
 * Builds oidc-provider's Grant from our own row whenever oidc-provider reads a grant, so no second record can
 * contradict the row. A grant that is revoked or expired is not found, so nothing can be issued or introspected under
 * it.
 */
export function createGrantAdapter(pool: Database, resource: string): Adapter {
  return {
    async find(id) {
      const grant = await orUnavailable(findGrant(currentDatabase(pool), id));
      return grant?.state === 'active' ? buildGrantPayload(grant, resource) : undefined;
    },
    async destroy(id) {
      const revocation = describeRevocation(currentContext(), id);
      const state = currentState();
      // The grant is revoked after the transaction, because an error follows that rolls the transaction back.
      if (state?.transaction !== undefined) state.grantToEnd = revocation;
      else await orUnavailable(revokeGrant(currentDatabase(pool), revocation));
    },
    upsert: notOffered,
    findByUid: notOffered,
    findByUserCode: notOffered,
    consume: notOffered,
    revokeByGrantId: notOffered,
  };
}

async function notOffered(): Promise<undefined> {
  throw new Error('grants are made by the consent page, in our own table');
}
