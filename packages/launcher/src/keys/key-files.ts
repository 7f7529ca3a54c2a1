import path from 'node:path';

/**
 * The paths of the secrets. Each server has its own directory, so that it can be given that directory and nothing
 * else. The keys of the audit log are in a separate directory, so that an operator's command can be given only these.
 */
export interface KeyFiles {
  readonly authorizationServer: {
    readonly directory: string;
    /** JWKS with the private keys that sign tokens. */
    readonly signingKeys: string;
    /** JWKS with the private RSA keys that sign ID tokens. */
    readonly idTokenKeys: string;
    /** JSON array of the secrets that sign cookies, newest first. */
    readonly cookieKeys: string;
    /** JWK to which provider keys are sealed. It cannot open them. */
    readonly sealingPublicKey: string;
  };
  /** For the authorization server, and for the operator's command that verifies the audit log. */
  readonly audit: {
    readonly directory: string;
    /** JSON array of the secrets that seal the audit log, newest first. */
    readonly keys: string;
  };
  readonly resourceProxy: {
    readonly directory: string;
    /** JWK that opens provider keys. During a rotation, a JWKS with the new and the old key. */
    readonly sealingPrivateKey: string;
    /** The secret with which the proxy authenticates to introspect tokens. */
    readonly clientSecret: string;
  };
}

/** The layout of key files. It is the same in a laptop's ./data/keys and in a deployment's volumes. */
export function locateKeyFiles(directory: string): KeyFiles {
  const authorizationServer = path.join(directory, 'authorization-server');
  const audit = path.join(directory, 'audit');
  const resourceProxy = path.join(directory, 'resource-proxy');
  return {
    authorizationServer: {
      directory: authorizationServer,
      signingKeys: path.join(authorizationServer, 'signing-keys.json'),
      idTokenKeys: path.join(authorizationServer, 'id-token-keys.json'),
      cookieKeys: path.join(authorizationServer, 'cookie-keys.json'),
      sealingPublicKey: path.join(authorizationServer, 'sealing-public-key.json'),
    },
    audit: { directory: audit, keys: path.join(audit, 'audit-keys.json') },
    resourceProxy: {
      directory: resourceProxy,
      sealingPrivateKey: path.join(resourceProxy, 'sealing-private-key.json'),
      clientSecret: path.join(resourceProxy, 'client-secret'),
    },
  };
}
