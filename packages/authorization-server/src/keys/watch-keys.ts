import type { Logger } from 'pino';
import type { ClientRegistration } from '../configuration.js';
import type { IdentityProvider } from '../identity/parse-identity-providers.js';
import type { CookieKeys } from './parse-cookie-keys.js';
import type { IdTokenKeys, SigningKeys } from './parse-signing-keys.js';

/** SECRET: the values from files that can be replaced while the server runs. */
export interface ReplaceableKeys {
  readonly signingKeys: SigningKeys;
  readonly idTokenKeys: IdTokenKeys;
  readonly cookieKeys: CookieKeys;
  readonly identityProviders: readonly IdentityProvider[];
  readonly clientRegistration: ClientRegistration;
}

export interface KeysWatch {
  /** Reads the files as they are now. Throws when a file cannot be read or its contents are invalid. */
  readonly read: () => ReplaceableKeys;
  /** The keys that are in use at the start. */
  readonly initial: ReplaceableKeys;
  /** Called with the new keys. The next check waits until the returned promise is settled. */
  readonly onChanged: (keys: ReplaceableKeys) => Promise<void>;
  readonly log: Logger;
}

/** How often the files are read. Operators wait much longer than this between two steps of a rotation. */
const intervalMilliseconds = 2_000;

/**
 * Reads the files of `ReplaceableKeys` regularly, so that keys and other secrets can be rotated without a restart. File
 * system events are not enough, because they do not reach every container.
 * @returns a function that stops the reading
 */
export function watchKeys({ read, initial, onChanged, log }: KeysWatch): () => void {
  let known = initial;
  let isChanging = false;
  const look = async () => {
    const keys = read();
    const areCookieKeysSame = isSame(keys.cookieKeys, known.cookieKeys);
    if (isSame(keys, known)) return;
    try {
      await onChanged(keys);
    } catch (error) {
      log.error({ event: 'signing_keys_unusable', err: error });
      return; // the next check tries these keys again
    }
    if (!isSame(signersOf(keys), signersOf(known)))
      log.info({ event: 'signing_keys_changed', key_ids: signersOf(keys).map(({ kid }) => kid) });
    if (!areCookieKeysSame) log.info({ event: 'cookie_keys_changed', count: keys.cookieKeys.length });
    known = keys;
  };
  const timer = setInterval(() => {
    if (isChanging) return;
    isChanging = true;
    look()
      .catch((error: unknown) => log.error({ event: 'signing_keys_unreadable', err: error }))
      .finally(() => {
        isChanging = false;
      });
  }, intervalMilliseconds);
  timer.unref(); // if the start fails later, the timer must not keep the process running
  return () => clearInterval(timer);
}

function signersOf({ signingKeys, idTokenKeys }: ReplaceableKeys) {
  return [...signingKeys, ...idTokenKeys];
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
