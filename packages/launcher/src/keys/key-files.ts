import path from 'node:path';

/** Where the secrets lie: one directory a server, so that each can be given its own and nothing else. */
export interface KeyFiles {
  readonly authorizationServer: {
    readonly directory: string;
    /** JWKS with the private keys that sign tokens. */
    readonly signingKeys: string;
    /** The same with the private RSA keys of ID tokens. */
    readonly idTokenKeys: string;
    /** JSON array of the secrets that sign cookies, newest first. */
    readonly cookieKeys: string;
    /** JWK to which provider keys are sealed; it opens nothing. */
    readonly sealingPublicKey: string;
  };
  readonly resourceProxy: {
    readonly directory: string;
    /** JWK that opens provider keys. */
    readonly sealingPrivateKey: string;
    /** With which the proxy asks about tokens. */
    readonly clientSecret: string;
  };
}

/** The one layout of key files, for a laptop's ./data/keys and for a deployment's volumes alike. */
export function locateKeyFiles(directory: string): KeyFiles {
  const authorizationServer = path.join(directory, 'authorization-server');
  const resourceProxy = path.join(directory, 'resource-proxy');
  return {
    authorizationServer: {
      directory: authorizationServer,
      signingKeys: path.join(authorizationServer, 'signing-keys.json'),
      idTokenKeys: path.join(authorizationServer, 'id-token-keys.json'),
      cookieKeys: path.join(authorizationServer, 'cookie-keys.json'),
      sealingPublicKey: path.join(authorizationServer, 'sealing-public-key.json'),
    },
    resourceProxy: {
      directory: resourceProxy,
      sealingPrivateKey: path.join(resourceProxy, 'sealing-private-key.json'),
      clientSecret: path.join(resourceProxy, 'client-secret'),
    },
  };
}
