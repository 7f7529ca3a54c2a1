import type { ProviderKey } from '../provider-keys/provider-keys.js';

export interface RequestHeaderOptions {
  /** The header that carries the key. */
  readonly keyHeader: string;
  readonly providerKey: ProviderKey;
  /** Undefined for a request without a body. */
  readonly contentType: string | undefined;
  /** Those that were picked. */
  readonly clientHeaders: Readonly<Record<string, string>>;
}

/**
 * Builds the headers for an upstream from nothing: the client's own headers are no starting point, so there is no list
 * of dangerous ones to keep complete. A few harmless ones are taken over after they were checked. The credential comes
 * last and replaces any header of its name. A key leaves the proxy only here.
 */
export function buildRequestHeaders(options: RequestHeaderOptions): Record<string, string> {
  const { keyHeader, providerKey, contentType, clientHeaders } = options;
  const key = providerKey.key.reveal();
  return {
    ...clientHeaders,
    host: providerKey.address.host,
    ...(contentType !== undefined && { 'content-type': contentType }),
    accept: '*/*',
    // An answer that comes compressed can be neither searched for the key nor bounded.
    'accept-encoding': 'identity',
    'user-agent': 'aipassport',
    // Never in the URL: addresses end up in logs.
    [keyHeader]: keyHeader === 'authorization' ? `Bearer ${key}` : key,
  };
}
