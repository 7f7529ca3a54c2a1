/** The CSP source of where a client is: an origin, or the scheme of a native one. */
export function formActionSource(redirectUri: string): string {
  const { protocol, origin } = new URL(redirectUri);
  // IPv6 literals are no CSP host; the scheme and any host is the narrowest there is.
  if (/^https?:$/.test(protocol)) return origin.includes('[') ? protocol : origin;
  return protocol;
}
