/** Where oidc-provider answers. */
export const paths = {
  authorization: '/authorize',
  token: '/token',
  introspection: '/introspect',
  revocation: '/revoke',
  registration: '/register',
  userinfo: '/userinfo',
  jwks: '/jwks',
  endSession: '/logout',
  pushedAuthorizationRequest: '/par',
} as const;

export const metadataPaths: readonly string[] = [
  '/.well-known/oauth-authorization-server',
  '/.well-known/openid-configuration',
];
