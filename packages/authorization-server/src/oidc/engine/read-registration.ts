import type { AdapterPayload } from 'oidc-provider';

/** A client that has just registered (RFC 7591). */
export interface Registration {
  readonly redirectUris: readonly string[];
  /** Undefined when the client gave no name. */
  readonly name: string | undefined;
  /** SECRET. Undefined for a public client. */
  readonly secret: string | undefined;
  /** All members except `client_secret` and `client_name`. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/**
 * Reads a registration that oidc-provider gives to the adapter of clients.
 *
 * Assumption: a registered client is stored by upsert, with the members of RFC 7591 and the secret.
 */
export function readRegistration(payload: AdapterPayload): Registration {
  const { client_secret: secret, client_name: name, ...metadata } = payload;
  return { redirectUris: payload.redirect_uris ?? [], name, secret, metadata };
}
