/** Visible ASCII without a backslash, which the URL parser reads as a slash. */
const plainUrl = /^https?:\/\/[\x21-\x5b\x5d-\x7e]+$/i;
const unreserved = /[\w.~-]/;

/**
 * Removes the query and the fragment of a URL and normalises the rest, by syntax and by scheme (RFC 3986 sections 6.2.2
 * and 6.2.3), as RFC 9449 section 4.3 recommends for `htu`.
 *
 * @returns undefined for everything but `http` and `https` URLs, and for a URL with a user name or a password
 */
export function normalizeUrl(text: string): string | undefined {
  if (!plainUrl.test(text) || !URL.canParse(text)) return undefined;
  // Scheme and host in lower case, no default port, no dot segments, `/` for an empty path.
  const { origin, pathname, username, password } = new URL(text);
  if (username !== '' || password !== '') return undefined;
  return `${origin}${pathname.replaceAll(/%[\da-f]{2}/gi, normalizeOctet)}`;
}

function normalizeOctet(encoded: string): string {
  const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
  return unreserved.test(character) ? character : encoded.toUpperCase();
}
