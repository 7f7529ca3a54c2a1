const maxLength = 500;

/**
 * Parses a client identifier that is the URL of the client's metadata (OAuth Client ID Metadata Document, section 3).
 * The URL has the scheme https and a path, but no credentials, fragment or dot segments.
 * @returns undefined for any other client identifier
 */
export function parseClientDocumentUrl(clientId: string): URL | undefined {
  if (!/^https:\/\//i.test(clientId) || clientId.length > maxLength || !/^[\x21-\x7e]+$/.test(clientId))
    return undefined;
  const url = URL.parse(clientId);
  // Also refuses a URL that the parser has corrected: dot segments, backslashes, a default port, capital letters in the
  // host.
  if (url === null || url.href !== clientId) return undefined;
  if (url.username !== '' || url.password !== '' || clientId.includes('#') || url.pathname === '/') return undefined;
  return url;
}
