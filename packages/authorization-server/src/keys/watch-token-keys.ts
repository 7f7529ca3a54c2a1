import type { Logger } from 'pino';
import type { IdTokenKeys, SigningKeys } from './parse-signing-keys.js';

/** The signing keys: of access tokens, and of ID tokens. */
export interface TokenKeys {
  readonly signingKeys: SigningKeys;
  readonly idTokenKeys: IdTokenKeys;
}

export interface TokenKeysWatch {
  /** Reads the files as they are now. Throws when a file cannot be read or its contents are invalid. */
  readonly read: () => TokenKeys;
  /** The signing keys that are in use at the start. */
  readonly initial: TokenKeys;
  /** Called with the new signing keys. The next check waits until the returned promise is settled. */
  readonly onChanged: (keys: TokenKeys) => Promise<void>;
  readonly log: Logger;
}

/** How often the files are read. Operators wait much longer than this between two steps of a rotation. */
const intervalMilliseconds = 2_000;

/**
 * Reads the files of the signing keys regularly, so that keys can be rotated without a restart. File system events are
 * not enough, because they do not reach every container.
 * @returns a function that stops the reading
 */
export function watchTokenKeys({ read, initial, onChanged, log }: TokenKeysWatch): () => void {
  let known = JSON.stringify(initial);
  let isChanging = false;
  const look = async () => {
    const { signingKeys, idTokenKeys } = read();
    const keys = { signingKeys, idTokenKeys };
    const found = JSON.stringify(keys);
    if (found === known) return;
    try {
      await onChanged(keys);
    } catch (error) {
      log.error({ event: 'signing_keys_unusable', err: error });
      return; // the next check tries these keys again
    }
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
  timer.unref(); // if the start fails later, the timer must not keep the process running
  return () => clearInterval(timer);
}
