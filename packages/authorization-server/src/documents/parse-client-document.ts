import { isJsonObject } from '@aipassport/policy';
import { adaptMetadata } from '../oidc/adapt-registrations.js';
import type { OfferedValues } from '../oidc/offered.js';
import { isAcceptableClient } from '../oidc/require-acceptable-client.js';

/** Methods with a secret that client and server share. A public document can hold none. */
const withSharedSecret: readonly unknown[] = ['client_secret_basic', 'client_secret_post', 'client_secret_jwt'];

/** The client that a metadata document describes. */
export interface DocumentedClient {
  readonly name: string | undefined;
  readonly redirectUris: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
}

/**
 * Parses a client's metadata document (OAuth Client ID Metadata Document, section 4). What this server does not offer is
 * left out, as in a registration.
 *
 * @param clientId the URL of the document, which the document must repeat
 * @returns undefined when the document does not describe a client that can be used here
 */
export function parseClientDocument(
  body: Buffer,
  clientId: string,
  { offered, redirectSchemes }: { readonly offered: OfferedValues; readonly redirectSchemes: readonly string[] },
): DocumentedClient | undefined {
  const document = parseJson(body);
  if (!isJsonObject(document) || document['client_id'] !== clientId) return undefined;
  if ('client_secret' in document || withSharedSecret.includes(document['token_endpoint_auth_method']))
    return undefined;
  const { client_id: _id, ...asked } = document;
  const { client_name: name, ...metadata } = adaptMetadata({ token_endpoint_auth_method: 'none', ...asked }, offered);
  const { redirect_uris: redirectUris } = metadata as { readonly redirect_uris?: unknown };
  if (!isTextList(redirectUris) || redirectUris.length === 0) return undefined;
  if (name !== undefined && typeof name !== 'string') return undefined;
  return isAcceptableClient({ ...metadata, redirect_uris: redirectUris, client_name: name }, redirectSchemes)
    ? { name, redirectUris, metadata }
    : undefined;
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((member) => typeof member === 'string');
}
