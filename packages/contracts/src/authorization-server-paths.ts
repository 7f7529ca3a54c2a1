/**
 * The paths of the authorization server that the resource proxy calls, or names in its refusals. A template has one
 * variable segment. The authorization server's table of endpoints takes these paths from here.
 */
export const authorizationServerPaths = {
  jwks: '/jwks',
  introspection: '/introspect',
  grantLimits: '/account/grants/:grant_id/limits',
  keys: '/account/keys',
} as const;

/**
 * A value of the query parameter `limit` of the page of a grant's limits. With this value, the page shows only the
 * limit on the spending of all apps together.
 */
export const accountLimitName = 'account';

/** The variable segment of a template. */
export const pathSegment = /:\w+/;

/** The template's path, with this value in the variable segment. */
export function formatPath(template: string, value: string): string {
  return template.replace(pathSegment, () => encodeURIComponent(value));
}
