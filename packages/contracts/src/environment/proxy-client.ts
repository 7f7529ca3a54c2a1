import { text, withDefault } from './variable.js';

/** The client that may introspect tokens. The authorization server, the resource proxy and `init` share the setting. */
export const proxyClientId = withDefault(text, 'resource-proxy', {
  description:
    'The client as which the resource proxy asks about tokens. The same at both servers and for `aipassport init`, which registers it.',
});
