/**
 * The longest access token, in characters. The resource proxy refuses a longer access token, and the authorization
 * server refuses a grant that would need one. Together with a request's other headers it fits the limit of Node.js and
 * of reverse proxies (16 kB).
 */
export const maxAccessTokenLength = 8_192;
