import type { Configuration } from 'oidc-provider';
import { adminScopesMember, profileMember, registeredByMember } from './client-members.js';
import { refuseMetadata } from './describe-oauth-denial.js';
import { validateClients } from './engine/validate-clients.js';
import { requireAcceptableClient } from './require-acceptable-client.js';

/** Metadata members (RFC 7591) that are URLs of documents. This server does not fetch these documents. */
const fetched = ['sector_identifier_uri', 'jwks_uri'] as const;

/**
 * Makes oidc-provider accept our own members of client metadata. It also makes oidc-provider refuse a client with one
 * of the members `fetched` (SSRF), and a registration that is not acceptable.
 */
export function describeExtraClientMetadata(
  redirectSchemes: readonly string[],
): NonNullable<Configuration['extraClientMetadata']> {
  return validateClients([registeredByMember, profileMember, adminScopesMember], (metadata, isRegistering) => {
    const named = fetched.find((member) => metadata[member] !== undefined);
    if (named !== undefined) refuseMetadata(named, describeFetched(named));
    // This is checked only when a client registers. A stored client is not checked again when it is read.
    if (isRegistering) requireAcceptableClient(metadata, redirectSchemes);
  });
}

function describeFetched(member: (typeof fetched)[number]): string {
  const reason = 'is not supported: this server does not fetch it';
  return member === 'jwks_uri' ? `${reason}. Send the keys themselves in jwks` : reason;
}
