import type { Database } from '@aipassport/store';
import { findGrant } from '@aipassport/store/authorization';
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { RequestParameters } from '../access-request.js';
import { currentDatabase } from '../current-database.js';
import { orUnavailable } from '../errors.js';

/** The values of `grant_management_action`. `merge` is the name of `update` in later drafts of the specification. */
export const managementActions = ['create', 'update', 'merge', 'replace'] as const;

/** A request to change a grant instead of making one. */
export interface ChangeRequest {
  readonly action: 'update' | 'replace';
  readonly grantId: string;
}

/** The grant does not exist, is not this client's or this owner's, or has ended. The answer does not say which. */
export class InvalidGrantId extends errors.CustomOIDCProviderError {
  constructor() {
    super(invalidGrantId.error, invalidGrantId.error_description);
  }
}

export const invalidGrantId = {
  error: 'invalid_grant_id',
  error_description: 'grant_id names no live grant of this client and this owner',
} as const;

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
      if (action === undefined) throw new errors.InvalidRequest('grant_id needs a grant_management_action');
      if (!managementActions.some((one) => one === action))
        throw new errors.InvalidRequest('this grant_management_action is not supported');
      if (action === 'create' && names)
        throw new errors.InvalidRequest('create makes a new grant; it takes no grant_id');
      if (action !== 'create' && !names)
        throw new errors.InvalidRequest('this grant_management_action needs a grant_id');
      if (names && !changingRoutes.includes(oidc.route))
        throw new errors.InvalidRequest('a grant is changed in a browser, at the authorization endpoint');
    },
    grant_id: async ({ oidc }: KoaContextWithOIDC, grantId: string | undefined): Promise<void> => {
      if (grantId === undefined) return;
      const grant = await orUnavailable(findGrant(currentDatabase(pool), grantId));
      if (grant?.state !== 'active' || grant.clientId !== oidc.client?.clientId) throw new InvalidGrantId();
    },
  };
}

const changingRoutes: readonly string[] = ['authorization', 'pushed_authorization_request'];
