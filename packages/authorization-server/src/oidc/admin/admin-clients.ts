import { type AdminScope, adminScopes } from '@aipassport/store/authorization';
import type { Client } from 'oidc-provider';
import { adminScopesMember } from '../client-members.js';

/**
 * The metadata of a client that may call the admin API. These values replace those of the client. The client has one
 * grant type, so it can ask no owner for access, and its admin scopes never come to a consent page. It authenticates
 * with a key, so nothing that the database or a log contains is enough to get a token.
 */
const requirements = {
  grant_types: ['client_credentials'],
  response_types: [],
  redirect_uris: [],
  token_endpoint_auth_method: 'private_key_jwt',
} as const;

/** @returns the members that replace those of the client */
export function describeAdminClient(scopes: readonly AdminScope[]): Readonly<Record<string, unknown>> {
  // the result always has this member, so that it replaces a member of this name in the client's own metadata
  return scopes.length === 0
    ? { [adminScopesMember]: undefined }
    : { ...requirements, [adminScopesMember]: scopes.join(' ') };
}

/** What the operator lets the client do through the admin API; empty for other clients. */
export function listAdminScopes(client: Client | undefined): readonly AdminScope[] {
  const given = client?.[adminScopesMember];
  const words = typeof given === 'string' ? given.split(' ') : [];
  return adminScopes.filter((scope) => words.includes(scope));
}
