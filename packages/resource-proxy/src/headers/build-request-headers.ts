import type { ProviderKey } from '../provider-keys/provider-keys.js';
import type { UpstreamApi } from '../upstreams/upstream-api.js';

export interface RequestHeaderOptions {
  readonly api: UpstreamApi;
  readonly providerKey: ProviderKey;
  /** Undefined for a request without a body. */
  readonly contentType: string | undefined;
  /** Those that were picked. */
  readonly clientHeaders: Readonly<Record<string, string>>;
}

/**
 * Builds what an upstream is told in headers, from nothing: the client's own headers are no starting point, so
 * there is no list of dangerous ones to keep complete. A few harmless ones are taken over after they were checked;
 * the credential comes last and wins over everything. The one door through which a key leaves.
 */
export function buildRequestHeaders(options: RequestHeaderOptions): Record<string, string> {
  const { api, providerKey, contentType, clientHeaders } = options;
  return {
    ...clientHeaders,
    host: providerKey.address.host,
    ...(contentType !== undefined && { 'content-type': contentType }),
    accept: '*/*',
    // An answer that comes compressed can be neither searched for the key nor bounded.
    'accept-encoding': 'identity',
    'user-agent': 'aipassport',
    ...api.buildCredential(providerKey.key.reveal()),
  };
}
