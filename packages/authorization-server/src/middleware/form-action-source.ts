/** The CSP source for a client's redirect URI: its origin, or the scheme of a native client. */
export function formActionSource(redirectUri: string): string {
  const { protocol, origin } = new URL(redirectUri);
  // CSP has no IPv6 hosts, so the scheme alone is the narrowest source.
  if (/^https?:$/.test(protocol)) return origin.includes('[') ? protocol : origin;
  return protocol;
}
