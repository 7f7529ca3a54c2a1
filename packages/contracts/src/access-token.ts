/**
 * The longest access token, in characters. The resource proxy refuses a longer access token, and the authorization
 * server refuses a grant that would need one. An access token of this length and the other headers of a request fit
 * together into the 16 kB that Node.js and reverse proxies allow for headers.
 */
export const maxAccessTokenLength = 8_192;
