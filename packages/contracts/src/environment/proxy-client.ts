import { text, withDefault } from './variable.js';

/** The client that may introspect tokens. The authorization server, the resource proxy and `init` share the setting. */
export const proxyClientId = withDefault(text, 'resource-proxy', {
  description:
    'The identifier of the client with which the resource proxy introspects tokens. Set the same value at both servers and for `aipassport init`, which registers this client.',
});
