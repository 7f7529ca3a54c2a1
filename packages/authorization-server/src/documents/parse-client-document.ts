import { isJsonObject } from '@aipassport/policy';
import { adaptMetadata } from '../oidc/adapt-registrations.js';
import type { OfferedValues } from '../oidc/offered.js';
import { isAcceptableClient } from '../oidc/require-acceptable-client.js';
import { requireTextInJson } from '../text/require-text-in-json.js';

/** The methods of client authentication without a shared secret. A public document cannot contain a secret. */
const withoutSharedSecret: readonly unknown[] = ['none', 'private_key_jwt'];

/** The client that a metadata document describes. */
export interface DocumentedClient {
  readonly name: string | undefined;
  readonly redirectUris: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
}

/**
 * Parses a client's metadata document (OAuth Client ID Metadata Document, section 4). Values that this server does not
 * offer are left out, as in a registration.
 *
 * @param clientId the URL of the document, which the document must repeat
 * @returns undefined when the document does not describe a client that can be used here
 */
export function parseClientDocument(
  body: Buffer,
  clientId: string,
  { offered, redirectSchemes }: { readonly offered: OfferedValues; readonly redirectSchemes: readonly string[] },
): DocumentedClient | undefined {
  const document = parseDocument(body);
  if (!isJsonObject(document) || document['client_id'] !== clientId) return undefined;
  const { client_id: _id, token_endpoint_auth_method: given, ...asked } = document;
  const method = given ?? 'none';
  if ('client_secret' in document || !withoutSharedSecret.includes(method)) return undefined;
  const { client_name: name, ...metadata } = adaptMetadata({ ...asked, token_endpoint_auth_method: method }, offered);
  const { redirect_uris: redirectUris, response_types: responseTypes } = metadata as {
    readonly redirect_uris?: unknown;
    readonly response_types?: unknown;
  };
  // Only a client for terminals has no response type, and needs no redirect URI.
  const isForTerminals = Array.isArray(responseTypes) && responseTypes.length === 0;
  if (!isTextList(redirectUris) || (redirectUris.length === 0 && !isForTerminals)) return undefined;
  if (name !== undefined && typeof name !== 'string') return undefined;
  return isAcceptableClient({ ...metadata, redirect_uris: redirectUris, client_name: name }, redirectSchemes)
    ? { name, redirectUris, metadata }
    : undefined;
}

/** @returns undefined for malformed JSON, and for JSON whose text cannot be stored */
function parseDocument(body: Buffer): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    requireTextInJson(text);
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((member) => typeof member === 'string');
}
