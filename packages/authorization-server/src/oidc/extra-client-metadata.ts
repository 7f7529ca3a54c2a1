import { type ClientMetadata, type Configuration, errors } from 'oidc-provider';
import { registeredByMember } from './client-adapter.js';
import { requireAcceptableClient } from './require-acceptable-client.js';

/** Metadata members (RFC 7591) that name documents, which this server would have to fetch. */
const fetched = ['sector_identifier_uri', 'jwks_uri'] as const;

/**
 * Accepts our own member. Refuses a client with documents that would have to be fetched (SSRF), and a registration that
 * is not acceptable.
 */
export function describeExtraClientMetadata(
  redirectSchemes: readonly string[],
): NonNullable<Configuration['extraClientMetadata']> {
  return {
    properties: [registeredByMember],
    validator: (ctx, _key, _value, metadata: ClientMetadata) => {
      const named = fetched.find((member) => metadata[member] !== undefined);
      if (named !== undefined) throw new errors.InvalidClientMetadata(`${named} is not supported`);
      // Only for registrations: a stored client is not checked again when it is read.
      if (ctx?.oidc?.route === 'registration') requireAcceptableClient(metadata, redirectSchemes);
    },
  };
}
