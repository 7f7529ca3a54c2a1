import type { ClientProfile } from '@aipassport/store/authorization';
import type { AllClientMetadata, Client } from 'oidc-provider';
import { idTokenAlgorithmMember, profileMember } from './client-members.js';
import { refuseMetadata } from './describe-oauth-denial.js';

/**
 * The metadata that a profile requires. These values replace those of the client.
 *
 * `fapi_2_0`: the FAPI 2.0 Security Profile. Other requirements of this profile apply to all clients: see
 * `docs/conformance.md`.
 */
const requirements = {
  fapi_2_0: {
    token_endpoint_auth_method: 'private_key_jwt',
    require_pushed_authorization_requests: true,
    dpop_bound_access_tokens: true,
    [idTokenAlgorithmMember]: 'ES256',
  },
} as const satisfies Readonly<Record<ClientProfile, object>>;

type Metadata = Readonly<Record<string, unknown>>;

/** @returns the metadata with the values that the profile requires */
export function applyProfile(profile: ClientProfile | undefined, metadata: Metadata): Metadata {
  const required = profile === undefined ? {} : requirements[profile];
  return { ...metadata, ...required, [profileMember]: profile };
}

/**
 * Refuses metadata that a profile does not allow.
 * @throws InvalidClientMetadata
 */
export function requireFitForProfile(
  profile: ClientProfile,
  { redirect_uris: redirectUris = [] }: Partial<AllClientMetadata>,
): void {
  // FAPI 2.0 Security Profile, section 5.3.2.2.
  if (redirectUris.some((uri) => URL.parse(uri)?.protocol !== 'https:'))
    refuseMetadata('redirect_uris', `must use https with the profile ${profile}`);
}

/** Whether the client has the profile `fapi_2_0`. */
export function isHighAssurance(client: Client | undefined): boolean {
  return client?.[profileMember] === 'fapi_2_0';
}
