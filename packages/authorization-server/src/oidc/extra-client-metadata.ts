import { type ClientMetadata, type Configuration, errors } from 'oidc-provider';
import { registeredByMember } from './client-adapter.js';
import { requireAcceptableClient } from './require-acceptable-client.js';

/** Metadata (RFC 7591) that names documents for this server to fetch. */
const fetched = ['sector_identifier_uri', 'jwks_uri'] as const;

/**
 * Lets our own member through, and refuses a client whose documents would have to be fetched (SSRF), and a registration
 * that is not acceptable.
 */
export function describeExtraClientMetadata(
  redirectSchemes: readonly string[],
): NonNullable<Configuration['extraClientMetadata']> {
  return {
    properties: [registeredByMember],
    validator: (ctx, _key, _value, metadata: ClientMetadata) => {
      const named = fetched.find((member) => metadata[member] !== undefined);
      if (named !== undefined) throw new errors.InvalidClientMetadata(`${named} is not supported`);
      // Not when a stored client is read.
      if (ctx?.oidc?.route === 'registration') requireAcceptableClient(metadata, redirectSchemes);
    },
  };
}
