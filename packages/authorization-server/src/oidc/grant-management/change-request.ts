import type { Database } from '@aipassport/store';
import { findGrant } from '@aipassport/store/authorization';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { RequestParameters } from '../access-request.js';
import { currentDatabase } from '../current-database.js';
import { oauthError } from '../describe-oauth-denial.js';
import { orUnavailable } from '../errors.js';

/** The values of `grant_management_action`. `merge` is the name of `update` in later drafts of the specification. */
export const managementActions = ['create', 'update', 'merge', 'replace'] as const;

/** A request to change a grant instead of making one. */
export interface ChangeRequest {
  readonly action: 'update' | 'replace';
  readonly grantId: string;
}

/** @returns undefined when the request asks for a new grant */
export function readChangeRequest(parameters: RequestParameters): ChangeRequest | undefined {
  const { grant_management_action: action, grant_id: grantId } = parameters;
  if (typeof grantId !== 'string') return undefined;
  return { action: action === 'replace' ? 'replace' : 'update', grantId };
}

/** Whether the client wants a new grant for the request. Such a request is never answered under an earlier grant. */
export function asksForNewGrant({ grant_management_action: action }: RequestParameters): boolean {
  return action === 'create';
}

/**
 * For oidc-provider: checks the parameters of Grant Management for OAuth 2.0 in an authorization request, pushed or
 * not. The owner is not known yet, so `load-existing-grant.ts` checks later that the grant is the owner's.
 */
export function createManagementParameters(pool: Database) {
  return {
    grant_management_action: ({ oidc }: KoaContextWithOIDC, action: string | undefined): void => {
      const names = oidc.params?.['grant_id'] !== undefined;
      if (action === undefined && !names) return;
      if (action === undefined) throw oauthError({ reason: 'action_missing' });
      if (!managementActions.some((one) => one === action)) throw oauthError({ reason: 'action_unknown' });
      if (action === 'create' && names) throw oauthError({ reason: 'grant_id_unexpected' });
      if (action !== 'create' && !names) throw oauthError({ reason: 'grant_id_missing' });
      if (names && !changingRoutes.includes(oidc.route)) throw oauthError({ reason: 'change_without_browser' });
    },
    grant_id: async ({ oidc }: KoaContextWithOIDC, grantId: string | undefined): Promise<void> => {
      if (grantId === undefined) return;
      const grant = await orUnavailable(findGrant(currentDatabase(pool), grantId));
      if (grant?.state !== 'active' || grant.clientId !== oidc.client?.clientId)
        throw oauthError({ reason: 'grant_id_unknown' });
    },
  };
}

const changingRoutes: readonly string[] = ['authorization', 'pushed_authorization_request'];
