import type { Logger } from 'pino';
import type { IdTokenKeys, SigningKeys } from './parse-signing-keys.js';

/** The keys that sign tokens. */
export interface TokenKeys {
  readonly signingKeys: SigningKeys;
  readonly idTokenKeys: IdTokenKeys;
}

export interface TokenKeysWatch {
  /** Reads the files as they are now. Throws when one cannot be read, or holds anything else. */
  readonly read: () => TokenKeys;
  /** Those that are in use. */
  readonly initial: TokenKeys;
  /** Called with the new keys. The next look waits until it has returned. */
  readonly onChanged: (keys: TokenKeys) => Promise<void>;
  readonly log: Logger;
}

/** Operators wait much longer than this between the steps of a rotation. */
const intervalMilliseconds = 2_000;

/**
 * Reads the files of the keys regularly, so that keys can be rotated without a restart. File system events would not do:
 * they do not reach every container.
 * @returns a function that ends it
 */
export function watchTokenKeys({ read, initial, onChanged, log }: TokenKeysWatch): () => void {
  let known = JSON.stringify(initial);
  let isChanging = false;
  const look = async () => {
    const { signingKeys, idTokenKeys } = read();
    const keys = { signingKeys, idTokenKeys };
    const found = JSON.stringify(keys);
    if (found === known) return;
    await onChanged(keys);
    known = found;
    log.info({ event: 'signing_keys_changed', key_ids: [...signingKeys, ...idTokenKeys].map(({ kid }) => kid) });
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
  timer.unref(); // a server that does not come to listen must end
  return () => clearInterval(timer);
}
