import { startIdentityProvider, type TestIdentityProvider } from './identity-provider.js';
import { startTestServer, type TestServer, type TestServerOptions } from './start-server.js';

/** A server whose accounts can sign in at one identity provider. */
export interface ServerWithIdentityProvider {
  readonly idp: TestIdentityProvider;
  readonly server: TestServer;
  readonly close: () => Promise<void>;
}

export async function startWithIdentityProvider(
  configuration: TestServerOptions['configuration'] = {},
): Promise<ServerWithIdentityProvider> {
  const idp = await startIdentityProvider('elsewhere');
  const server = await startTestServer({ configuration: { ...configuration, identityProviders: [idp.entry] } });
  idp.register(`${server.issuer}/account/identities/elsewhere/callback`);
  const close = async () => {
    await server.close();
    await idp.close();
  };
  return { idp, server, close };
}
