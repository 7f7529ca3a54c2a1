/**
 * The longest access token, in characters: the resource proxy refuses longer ones, and the authorization server refuses
 * grants that would need one. Together with a request's other headers it fits the limit of Node.js and of reverse
 * proxies (16 kB).
 */
export const maxAccessTokenLength = 8_192;
