import type { Configuration } from '../configuration.js';

/** For each choice in a client's metadata, the values that this server offers. */
export type OfferedValues = Readonly<Record<string, readonly string[]>>;

export const responseTypes = ['code'] as const;
export const responseModes = ['query'] as const;
/** RFC 8628. */
export const deviceGrantType = 'urn:ietf:params:oauth:grant-type:device_code';
/** RFC 8693. Only a client that was registered with this grant type may use it. */
export const exchangeGrantType = 'urn:ietf:params:oauth:grant-type:token-exchange';
/** The grant types of a client that names none. */
export const defaultGrantTypes = ['authorization_code', 'refresh_token'] as const;
/** A client that can authenticate has `client_credentials` even if it does not ask for it: see `stored-metadata.ts`. */
export const grantTypes = [...defaultGrantTypes, 'client_credentials', deviceGrantType, exchangeGrantType] as const;
/** The first method is the default. */
export const clientAuthMethods = ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'] as const;
export const detailsTypes = ['ai_access'] as const;

export type IdTokenAlgorithm = 'RS256' | 'ES256';

/**
 * RS256 is offered because many OpenID Connect libraries accept no other algorithm. It is offered only when signing
 * keys for it are configured.
 */
export function listIdTokenAlgorithms({ idTokenKeys }: Pick<Configuration, 'idTokenKeys'>): IdTokenAlgorithm[] {
  return idTokenKeys.length === 0 ? ['ES256'] : ['RS256', 'ES256'];
}

export function listOfferedValues(configuration: Pick<Configuration, 'idTokenKeys'>): OfferedValues {
  return {
    response_types: responseTypes,
    response_modes: responseModes,
    grant_types: grantTypes,
    token_endpoint_auth_method: clientAuthMethods,
    application_type: ['web', 'native'],
    subject_type: ['public'],
    id_token_signed_response_alg: listIdTokenAlgorithms(configuration),
    authorization_details_types: detailsTypes,
  };
}
