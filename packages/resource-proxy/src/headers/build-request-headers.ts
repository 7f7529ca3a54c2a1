import type { ProviderKey } from '../provider-keys/provider-keys.js';

export interface RequestHeaderOptions {
  /** The header that carries the provider key. */
  readonly keyHeader: string;
  readonly providerKey: ProviderKey;
  /** Undefined for a request without a body. */
  readonly contentType: string | undefined;
  /** The client's headers that `pickClientHeaders` chose. For a request of the proxy itself: its additional headers. */
  readonly clientHeaders: Readonly<Record<string, string>>;
}

/**
 * Builds the headers for an upstream from an empty set. The client's headers are not copied, so no complete list of
 * dangerous headers is needed. Only a few harmless headers of the client are added, after a check. The credential is
 * added last and replaces any header of the same name. No other code of the proxy puts a provider key into a request.
 */
export function buildRequestHeaders(options: RequestHeaderOptions): Record<string, string> {
  const { keyHeader, providerKey, contentType, clientHeaders } = options;
  const key = providerKey.key.reveal();
  return {
    ...clientHeaders,
    host: providerKey.url.host,
    ...(contentType !== undefined && { 'content-type': contentType }),
    accept: '*/*',
    // The proxy could not search a compressed answer for the provider key, or limit the size of its content.
    'accept-encoding': 'identity',
    'user-agent': 'aipassport',
    // The provider key is never in the URL, because URLs end up in logs.
    [keyHeader]: keyHeader === 'authorization' ? `Bearer ${key}` : key,
  };
}
