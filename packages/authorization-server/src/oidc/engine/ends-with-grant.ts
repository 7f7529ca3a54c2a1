const models: readonly string[] = ['AccessToken', 'AuthorizationCode', 'RefreshToken'];

/**
 * Whether artifacts of this model end with their grant. Our database removes them in the statement that ends the grant,
 * so oidc-provider's own calls need to do nothing.
 *
 * Assumption: destroy of a code or token is called only when its grant is destroyed too.
 * Assumption: revokeByGrantId is called only when the grant is destroyed too.
 */
export function endsWithGrant(model: string): boolean {
  return models.includes(model);
}
