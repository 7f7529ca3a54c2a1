/**
 * The longest access token, in characters: the resource proxy reads no longer one, and the authorization server grants
 * nothing that would take one. With the other headers of a request it fits what Node.js and reverse proxies take (16 kB).
 */
export const maxAccessTokenLength = 8_192;
