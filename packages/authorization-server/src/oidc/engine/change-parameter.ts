import type { KoaContextWithOIDC } from 'oidc-provider';

/**
 * Changes a parameter of the request that oidc-provider answers. oidc-provider's types declare parameters read-only,
 * but its code reads the parameter again at each use.
 *
 * Assumption: the interaction checks read the value that a validator of extraParams has set for a parameter.
 * Assumption: a scope that a validator of authorization_details sets is the scope that is asked for.
 * Assumption: a scope that the last interaction check sets is the scope of the code.
 * Assumption: a second run of the grant type's handler redeems the refresh token that was set before it.
 */
export function changeParameter({ params }: KoaContextWithOIDC['oidc'], name: string, value: string): void {
  if (params !== undefined) params[name] = value;
}
