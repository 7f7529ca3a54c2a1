import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RotatedKeys } from './configuration.js';
import { createApplication } from './create-application.js';
import type { Foundation } from './foundation.js';
import type { CookieKeys } from './keys/parse-cookie-keys.js';
import { type ReplaceableKeys, watchKeys } from './keys/watch-keys.js';
import type { RotatedSecrets } from './rotated-secrets.js';

/** The running application, which stays the same object when a key or another secret changes. */
export interface RunningApplication {
  /** SECRET: the cookie keys in use. */
  readonly readCookieKeys: () => CookieKeys;
  readonly answer: (request: IncomingMessage, response: ServerResponse) => void;
  readonly close: () => void;
}

type ReplaceableReaders = Pick<RotatedKeys, 'readSigningKeys' | 'readIdTokenKeys' | 'readCookieKeys'> &
  Pick<RotatedSecrets, 'readIdentityProviders' | 'readClientRegistration'>;

/**
 * Creates the application, and creates it again when the signing or cookie keys, the identity providers or the
 * registration token change, because oidc-provider and our own code get them only when they are created. Requests in
 * progress finish in the old application. No request needs what an earlier one left in memory: all state is in the
 * database and in cookies.
 */
export async function openApplication(
  foundation: Foundation,
  {
    readSigningKeys,
    readIdTokenKeys,
    readCookieKeys,
    readIdentityProviders,
    readClientRegistration,
  }: ReplaceableReaders,
): Promise<RunningApplication> {
  const { configuration, log } = foundation;
  const create = async (keys: ReplaceableKeys) => {
    const application = await createApplication({ ...foundation, configuration: { ...configuration, ...keys } });
    return application.callback();
  };
  const { signingKeys, idTokenKeys, cookieKeys, identityProviders, clientRegistration } = configuration;
  const initial = { signingKeys, idTokenKeys, cookieKeys, identityProviders, clientRegistration };
  let used: ReplaceableKeys = initial;
  let current = await create(initial);
  const close = watchKeys({
    read: () => ({
      signingKeys: readSigningKeys(),
      idTokenKeys: readIdTokenKeys(),
      cookieKeys: readCookieKeys(),
      identityProviders: readIdentityProviders(),
      clientRegistration: readClientRegistration(),
    }),
    initial,
    onChanged: async (keys) => {
      current = await create(keys);
      used = keys;
    },
    log,
  });
  return {
    readCookieKeys: () => used.cookieKeys,
    answer: (request, response) => void current(request, response),
    close,
  };
}
