import type { ClientProfile } from '@aipassport/store/authorization';
import { requireFitForProfile } from '../oidc/client-profiles.js';
import { deviceGrantType, exchangeGrantType, type IdTokenAlgorithm } from '../oidc/offered.js';
import { listClientChecks, type MetadataCheck } from '../oidc/require-acceptable-client.js';

/** A client as the operator describes it, in a command or through the admin API. */
export interface ClientDescription {
  readonly name: string;
  /**
   * A `web` client keeps its secret on a server. `native` and `spa` clients run where their users can read everything,
   * so they have no secret. A `terminal` client shows a code that its user types on another device (RFC 8628). A
   * `machine` is a program of the operator: it calls the admin API, and asks no owner for access.
   */
  readonly type: 'web' | 'native' | 'spa' | 'terminal' | 'machine';
  readonly redirectUris: readonly string[];
  /** Members of the metadata (RFC 7591) that do not depend on the others. Undefined members are left out. */
  readonly members: Readonly<Record<string, unknown>>;
  /** How the client sends its secret, if it has one. */
  readonly secretMethod: 'client_secret_basic' | 'client_secret_post';
  /** The public keys that verify the client's assertions. The client then has no secret. */
  readonly jwks: { readonly keys: never[] } | undefined;
  readonly profile: ClientProfile | undefined;
  readonly idTokenAlgorithm: IdTokenAlgorithm;
  /** Whether the client may exchange its tokens for tokens with fewer rights (RFC 8693). */
  readonly delegates: boolean;
}

/** The members of the metadata that other code reads. */
export interface OperatorClientMetadata extends Readonly<Record<string, unknown>> {
  readonly client_name: string;
  readonly redirect_uris: readonly string[];
  readonly token_endpoint_auth_method: string;
}

/** The metadata (RFC 7591 section 2) of a client that the operator adds. `requireOperatorClient` checks it. */
export function buildOperatorClient(description: ClientDescription): OperatorClientMetadata {
  const { name, type, redirectUris, members, jwks, secretMethod } = description;
  const hasRedirects = redirectUris.length > 0;
  const withoutKeys = type === 'web' ? secretMethod : ('none' as const);
  return {
    client_name: name,
    redirect_uris: [...redirectUris],
    application_type: type === 'native' || type === 'terminal' ? ('native' as const) : ('web' as const),
    response_types: hasRedirects ? ['code' as const] : [],
    grant_types: [
      ...(hasRedirects ? ['authorization_code'] : []),
      ...(type === 'machine' ? [] : ['refresh_token']),
      ...(type === 'terminal' ? [deviceGrantType] : []),
      ...(description.delegates ? [exchangeGrantType] : []),
    ],
    token_endpoint_auth_method: jwks === undefined ? withoutKeys : ('private_key_jwt' as const),
    id_token_signed_response_alg: description.idTokenAlgorithm,
    ...(jwks !== undefined && { jwks }),
    ...Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)),
  };
}

interface ClientRules {
  readonly profile: ClientProfile | undefined;
  readonly redirectSchemes: readonly string[];
}

/** @throws InvalidClientMetadata when the authorization server would refuse to register such a client */
export function requireOperatorClient(metadata: Readonly<Record<string, unknown>>, rules: ClientRules): void {
  for (const check of listOperatorClientChecks(metadata, rules)) check();
}

/** The checks of `requireOperatorClient`, for a caller that names all members that are wrong. */
export function listOperatorClientChecks(
  metadata: Readonly<Record<string, unknown>>,
  { profile, redirectSchemes }: ClientRules,
): readonly MetadataCheck[] {
  const ofAll = listClientChecks(metadata, redirectSchemes);
  return profile === undefined ? ofAll : [...ofAll, () => requireFitForProfile(profile, metadata)];
}
