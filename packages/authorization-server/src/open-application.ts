import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RotatedKeys } from './configuration.js';
import { createApplication } from './create-application.js';
import type { Foundation } from './foundation.js';
import { type TokenKeys, watchTokenKeys } from './keys/watch-token-keys.js';

/** The running application, which stays the same object when the signing keys change. */
export interface RunningApplication {
  readonly answer: (request: IncomingMessage, response: ServerResponse) => void;
  readonly close: () => void;
}

/**
 * Creates the application, and creates it again when the signing keys change, because oidc-provider reads its keys only
 * once. Requests in progress finish in the old application. No request needs what an earlier one left in memory: all
 * state is in the database and in cookies.
 */
export async function openApplication(
  foundation: Foundation,
  { readSigningKeys, readIdTokenKeys }: Pick<RotatedKeys, 'readSigningKeys' | 'readIdTokenKeys'>,
): Promise<RunningApplication> {
  const { configuration, log } = foundation;
  const create = async (keys: TokenKeys) => {
    const application = await createApplication({ ...foundation, configuration: { ...configuration, ...keys } });
    return application.callback();
  };
  const { signingKeys, idTokenKeys } = configuration;
  const initial = { signingKeys, idTokenKeys };
  let current = await create(initial);
  const close = watchTokenKeys({
    read: () => ({ signingKeys: readSigningKeys(), idTokenKeys: readIdTokenKeys() }),
    initial,
    onChanged: async (keys) => {
      current = await create(keys);
    },
    log,
  });
  return { answer: (request, response) => void current(request, response), close };
}
