import { type Configuration, errors } from 'oidc-provider';
import { registeredByMember } from './client-adapter.js';
import { validateClients } from './engine/validate-clients.js';
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
  return validateClients(registeredByMember, (metadata, isRegistering) => {
    const named = fetched.find((member) => metadata[member] !== undefined);
    if (named !== undefined) throw new errors.InvalidClientMetadata(`${named} is not supported`);
    // Only for registrations: a stored client is not checked again when it is read.
    if (isRegistering) requireAcceptableClient(metadata, redirectSchemes);
  });
}
