import type { Client } from '@aipassport/store/authorization';
import type { Draft } from '../api/bodies.js';
import { requireNoneWrong } from '../api/refusals.js';
import type { WrongMember } from '../denials/denial.js';
import { listWebOrigins } from '../oidc/list-web-origins.js';
import { findMetadataProblem } from '../oidc/require-acceptable-client.js';
import {
  buildOperatorClient,
  type ClientDescription,
  listOperatorClientChecks,
  type OperatorClientMetadata,
} from '../operator/build-client.js';
import { parseHttpsUrl } from '../text/parse-https-url.js';
import type { Specified } from './admin-call.js';

const siteMembers = ['client_uri', 'policy_uri', 'tos_uri', 'logo_uri'] as const;

/**
 * Builds the metadata of a new client by the rules of the command `clients create`.
 * @throws Denied when the client breaks one of them
 */
export function buildNewClient(
  { sent, wrong }: Draft<Specified['NewClient']>,
  redirectSchemes: readonly string[],
): OperatorClientMetadata {
  const { type = 'web', redirect_uris: redirectUris = [], jwks, profile = null } = sent;
  const description: ClientDescription = {
    name: sent.name?.trim() ?? '',
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
  requireNoneWrong(wrong, [
    // these rules can be checked only if the type and the keys follow the specification
    ...(wrong.some(({ member }) => /^(type|jwks)\b/.test(member)) ? [] : listWrongCombinations(sent)),
    ...listWrongTexts(sent),
    ...listUnfit(metadata, { profile: description.profile, redirectSchemes }),
  ]);
  return metadata;
}

/** The rules for members that depend on other members. */
function listWrongCombinations(sent: Partial<Specified['NewClient']>): readonly WrongMember[] {
  const { type = 'web', redirect_uris: redirectUris = [], jwks, profile = null } = sent;
  return [
    ...(redirectUris.length === 0 && type !== 'terminal' ? [noRedirectUri] : []),
    ...(jwks !== undefined && type !== 'web'
      ? [{ member: 'jwks', rule: 'is for clients of the type web: the others cannot keep a private key secret' }]
      : []),
    ...(profile !== null && jwks === undefined
      ? [{ member: 'profile', rule: 'needs jwks: its clients sign assertions' }]
      : []),
  ];
}

const noRedirectUri: WrongMember = { member: 'redirect_uris', rule: 'must have at least one URL' };

/**
 * Replaces the present values with the values that were sent. A value of null removes the member. The type of the
 * client and the way in which it authenticates stay.
 * @throws Denied when the client could not be registered with these values
 */
export function mergeClient(
  client: Client,
  { sent, wrong }: Draft<Specified['ClientChange']>,
  redirectSchemes: readonly string[],
) {
  const { name, redirect_uris: redirectUris, jwks, ...others } = sent;
  const newName = name?.trim() ?? client.name;
  const merged = {
    ...client.metadata,
    ...others,
    client_name: newName,
    ...(jwks !== undefined && { jwks: readKeys(jwks) }),
    // A client that gets new redirect URIs had some before, so its grant types fit already.
    ...(redirectUris !== undefined && { redirect_uris: [...redirectUris] }),
  };
  const metadata = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
  requireNoneWrong(wrong, [
    ...listWrongReplacements(client, sent),
    ...listWrongTexts(sent),
    ...listUnfit(metadata, { profile: client.profile, redirectSchemes }),
  ]);
  const { redirect_uris: uris } = merged as { readonly redirect_uris?: readonly string[] };
  return { name: newName, metadata, webOrigins: listWebOrigins(uris ?? []) };
}

/**
 * The members that this client cannot have. A client without redirect URIs, such as a terminal, cannot get any. A
 * client with redirect URIs must keep at least one.
 */
function listWrongReplacements({ metadata }: Client, sent: Specified['ClientChange']): readonly WrongMember[] {
  const { redirect_uris: present, token_endpoint_auth_method: method } = metadata;
  const { redirect_uris: redirectUris, jwks } = sent;
  const had = Array.isArray(present) && present.length > 0;
  const isOther = redirectUris !== undefined && had !== redirectUris.length > 0;
  return [
    ...(jwks !== undefined && method !== 'private_key_jwt'
      ? [{ member: 'jwks', rule: 'is for clients that authenticate with keys' }]
      : []),
    ...(isOther ? [had ? noRedirectUri : { member: 'redirect_uris', rule: 'this client has no redirect URIs' }] : []),
  ];
}

function listWrongTexts(sent: Specified['ClientChange']): readonly WrongMember[] {
  const sites = siteMembers.filter((member) => typeof sent[member] === 'string' && !parseHttpsUrl(sent[member]));
  return [
    ...(sent.name?.trim() === '' ? [{ member: 'name', rule: 'must not be empty' }] : []),
    ...sites.map((member) => ({ member, rule: 'must be an https URL without a user name and a password' })),
  ];
}

/** Asserts the type of the keys without checking them, because `listUnfit` checks each key. */
function readKeys(jwks: Specified['ClientChange']['jwks']): { readonly keys: never[] } | undefined {
  return jwks as { readonly keys: never[] } | undefined;
}

/** What the rules of the registration (RFC 7591) refuse, with the names that the members have in this API. */
function listUnfit(...parameters: Parameters<typeof listOperatorClientChecks>): readonly WrongMember[] {
  const found = listOperatorClientChecks(...parameters).map(findMetadataProblem);
  return found
    .filter((problem) => problem !== undefined)
    .map(({ member, rule }) => ({ member: memberNames[member] ?? member, rule }));
}

/** The members of this API whose names differ from those of the metadata. */
const memberNames: Readonly<Record<string, string>> = { client_name: 'name', 'the metadata': 'body' };
