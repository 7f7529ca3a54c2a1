/**
 * The number of characters of an identifier that oidc-provider makes, such as the `jti` of an access token.
 *
 * Assumption: an identifier has 43 characters.
 */
export const identifierLength = 43;
