import type { IncomingMessage, ServerResponse } from 'node:http';
import { createApplication } from './create-application.js';
import type { Foundation } from './dependencies.js';
import type { SigningKeys } from './keys/parse-signing-keys.js';
import { watchSigningKeys } from './keys/watch-signing-keys.js';

/** The application, over any rotation of its signing keys. */
export interface RunningApplication {
  readonly answer: (request: IncomingMessage, response: ServerResponse) => void;
  readonly close: () => void;
}

/**
 * Creates the application, and creates it anew when the signing keys change: the engine takes its keys once. Requests
 * under way end at the old one; neither keeps anything to itself.
 */
export async function openApplication(
  foundation: Foundation,
  readSigningKeys: () => SigningKeys,
): Promise<RunningApplication> {
  const { configuration, log } = foundation;
  const create = async (signingKeys: SigningKeys) => {
    const application = await createApplication({ ...foundation, configuration: { ...configuration, signingKeys } });
    return application.callback();
  };
  let current = await create(configuration.signingKeys);
  const close = watchSigningKeys({
    read: readSigningKeys,
    initial: configuration.signingKeys,
    onChanged: async (signingKeys) => {
      current = await create(signingKeys);
    },
    log,
  });
  return { answer: (request, response) => void current(request, response), close };
}
