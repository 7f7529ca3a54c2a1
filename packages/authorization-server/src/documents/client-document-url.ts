const maxLength = 500;

/**
 * The URL of a client identifier that is the address of the client's metadata (OAuth Client ID Metadata Document,
 * section 3): https, with a path, without credentials, fragment or dot segments.
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
