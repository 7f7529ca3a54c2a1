import type { Client } from '@aipassport/store/authorization';
import { invalid } from '../api/refusals.js';
import { listWebOrigins } from '../oidc/list-web-origins.js';
import { findMetadataProblem } from '../oidc/require-acceptable-client.js';
import { buildOperatorClient, type ClientDescription, requireOperatorClient } from '../operator/build-client.js';
import { parseHttpsUrl } from '../text/parse-https-url.js';
import type { Specified } from './admin-call.js';

const siteMembers = ['client_uri', 'policy_uri', 'tos_uri', 'logo_uri'] as const;

/**
 * Builds the metadata of a new client by the rules of the command `clients create`.
 * @throws Denied when the client breaks one of them
 */
export function buildNewClient(sent: Specified['NewClient'], redirectSchemes: readonly string[]) {
  const { type = 'web', redirect_uris: redirectUris = [], jwks, profile = null } = sent;
  if (redirectUris.length === 0 && type !== 'terminal') throw invalid('redirect_uris', 'must have at least one URL');
  if (jwks !== undefined && type !== 'web')
    throw invalid('jwks', 'is for clients of the type web: the others cannot keep a private key secret');
  if (profile !== null && jwks === undefined) throw invalid('profile', 'needs jwks: its clients sign assertions');
  requireSites(sent);
  const description: ClientDescription = {
    name: requireName(sent.name),
    type,
    redirectUris,
    members: {
      post_logout_redirect_uris: sent.post_logout_redirect_uris,
      ...Object.fromEntries(siteMembers.map((member) => [member, sent[member] ?? undefined])),
      require_pushed_authorization_requests: sent.require_pushed_authorization_requests,
      dpop_bound_access_tokens: sent.dpop_bound_access_tokens,
    },
    secretMethod: sent.token_endpoint_auth_method ?? 'client_secret_basic',
    jwks: readKeys(jwks),
    profile: profile ?? undefined,
    idTokenAlgorithm: sent.id_token_signed_response_alg ?? 'RS256',
    delegates: sent.delegates ?? false,
  };
  const metadata = buildOperatorClient(description);
  requireFit(metadata, { profile: description.profile, redirectSchemes });
  return metadata;
}

/**
 * Puts the values that were sent in the place of the present ones. A value of null removes the member. The type of the
 * client and the way in which it authenticates stay.
 * @throws Denied when the client could not be registered with these values
 */
export function mergeClient(client: Client, sent: Specified['ClientChange'], redirectSchemes: readonly string[]) {
  const { name, redirect_uris: redirectUris, jwks, ...others } = sent;
  if (jwks !== undefined && client.metadata['token_endpoint_auth_method'] !== 'private_key_jwt')
    throw invalid('jwks', 'is for clients that authenticate with keys');
  requireSites(sent);
  const newName = name === undefined ? client.name : requireName(name);
  const merged = {
    ...client.metadata,
    ...others,
    client_name: newName,
    ...(jwks !== undefined && { jwks: readKeys(jwks) }),
    ...(redirectUris !== undefined && replaceRedirects(client, redirectUris)),
  };
  const metadata = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
  requireFit(metadata, { profile: client.profile, redirectSchemes });
  const { redirect_uris: uris } = merged as { readonly redirect_uris?: readonly string[] };
  return { name: newName, metadata, webOrigins: listWebOrigins(uris ?? []) };
}

/** A client with redirect URIs has the code flow too. Only a terminal may have none. */
function replaceRedirects({ metadata }: Client, redirectUris: readonly string[]) {
  const { redirect_uris: present } = metadata;
  const had = Array.isArray(present) && present.length > 0;
  if (had !== redirectUris.length > 0)
    throw invalid('redirect_uris', had ? 'must have at least one URL' : 'this client has no redirect URIs');
  return { redirect_uris: [...redirectUris] };
}

function requireName(name: string): string {
  const trimmed = name.trim();
  if (trimmed === '') throw invalid('name', 'must not be empty');
  return trimmed;
}

function requireSites(sent: Specified['ClientChange']): void {
  for (const member of siteMembers) {
    const url = sent[member] ?? undefined;
    if (url !== undefined && parseHttpsUrl(url) === undefined)
      throw invalid(member, 'must be an https URL without a user name and a password');
  }
}

/** `requireFit` checks each key. */
function readKeys(jwks: Specified['ClientChange']['jwks']): { readonly keys: never[] } | undefined {
  return jwks as { readonly keys: never[] } | undefined;
}

/** @throws Denied, in the dialect of this API, for what the registration refuses in the words of RFC 7591 */
function requireFit(...[metadata, rules]: Parameters<typeof requireOperatorClient>): void {
  const problem = findMetadataProblem(() => requireOperatorClient(metadata, rules));
  if (problem === undefined) return;
  throw invalid(memberNames[problem.member] ?? problem.member, problem.rule);
}

/** The members of this API whose names differ from those of the metadata. */
const memberNames: Readonly<Record<string, string>> = { client_name: 'name', 'the metadata': 'body' };
