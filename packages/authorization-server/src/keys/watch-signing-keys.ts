import type { Logger } from 'pino';
import type { SigningKeys } from './parse-signing-keys.js';

export interface SigningKeysWatch {
  /** Reads the file as it is now. Throws when it cannot be read, or holds anything else. */
  readonly read: () => SigningKeys;
  /** Those that are in use. */
  readonly initial: SigningKeys;
  /** Told of other keys than before, and waited for. */
  readonly onChanged: (signingKeys: SigningKeys) => Promise<void>;
  readonly log: Logger;
}

/** Whoever rotates waits far longer before the next step. */
const intervalMilliseconds = 2_000;

/**
 * Looks at the file of the signing keys now and then, so that they are rotated with no server restarted. By its
 * content: events of the file system do not reach into every container.
 * @returns a function that ends it
 */
export function watchSigningKeys({ read, initial, onChanged, log }: SigningKeysWatch): () => void {
  let known = JSON.stringify(initial);
  let isChanging = false;
  const look = async () => {
    const signingKeys = read();
    const found = JSON.stringify(signingKeys);
    if (found === known) return;
    await onChanged(signingKeys);
    known = found;
    log.info({ event: 'signing_keys_changed', key_ids: signingKeys.map(({ kid }) => kid) });
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
