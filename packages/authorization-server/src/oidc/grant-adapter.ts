import { formatAiAccess, formatScope, protocolScopeTokens } from '@aipassport/policy';
import type { Database } from '@aipassport/store';
import { findGrant, type Grant, revokeGrant } from '@aipassport/store/authorization';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import { currentDatabase, currentState } from './current-database.js';
import { currentContext } from './engine/current-context.js';
import { orUnavailable } from './errors.js';
import { describeRevocation } from './exchange/end-grant.js';

/**
 * Builds oidc-provider's Grant from our own row whenever it is read, so no second record can contradict the row. A
 * grant that is revoked or expired is not found, so nothing can be issued or introspected under it.
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
      // An error follows, which rolls the transaction back.
      if (state?.transaction !== undefined) state.grantToEnd = revocation;
      else await orUnavailable(revokeGrant(pool, revocation));
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

/** The grant, with the members of oidc-provider's model `Grant`. */
export function buildGrantPayload(
  grant: Grant,
  resource: string,
): AdapterPayload & { readonly [member: string]: unknown } {
  const scope = formatScope(grant.tokens);
  return {
    kind: 'Grant',
    jti: grant.id,
    accountId: grant.accountId,
    clientId: grant.clientId,
    iat: Math.floor(grant.createdAt.getTime() / 1000),
    exp: Math.floor(grant.expiresAt.getTime() / 1000),
    // These give no access to AI: they are always granted and never shown.
    openid: { scope: protocolScopeTokens.join(' ') },
    // In both spellings that a client may have used (`new URL(...).href` ends in a slash).
    resources: { [resource]: scope, [`${resource}/`]: scope },
    rar: [{ ...formatAiAccess(grant.tokens, grant.limits, grant.expiresAt) }],
  };
}
