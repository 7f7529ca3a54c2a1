import type { ClientMetadata, Configuration } from 'oidc-provider';
import { isAtEndpoint } from './route.js';

/**
 * Adds members of our own to the metadata of clients, and validates all metadata.
 * @param validate throws InvalidClientMetadata
 *
 * Assumption: the validator of extraClientMetadata gets all metadata of each client, even if our member is missing.
 */
export function validateClients(
  members: readonly string[],
  validate: (metadata: ClientMetadata, isRegistering: boolean) => void,
): NonNullable<Configuration['extraClientMetadata']> {
  return {
    properties: [...members],
    validator: (ctx, _member, _value, metadata) =>
      validate(metadata, ctx?.oidc !== undefined && isAtEndpoint(ctx.oidc, 'registration')),
  };
}
