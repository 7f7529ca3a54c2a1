import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, isStatementRefused } from '@aipassport/store';
import { type IdempotencyKey, releaseIdempotencyKeys } from '@aipassport/store/proxying';
import type { Logger } from 'pino';
import { createBatcher } from './create-batcher.js';

export interface KeyReleaser {
  /**
   * Gives a key back soon, together with others, and tries again while the database does not answer.
   * @param lateMilliseconds for how long the claim itself may still be on its way: a key that is not there yet is waited for
   */
  readonly release: (key: IdempotencyKey, lateMilliseconds?: number) => void;
  /** Waits a while for what is not given back yet; after that nothing is tried any more. */
  readonly close: () => Promise<void>;
}

const retryMilliseconds = 500;
const maxItems = 512;
/** While the database is away for long: what is beyond them stays taken until it expires. */
const maxKeys = 4_096;
/** As long as a stopping server waits for settlements. */
const closeMilliseconds = 2_000;

export function createKeyReleaser(db: Database, log: Logger): KeyReleaser {
  const pending = new Set<Promise<void>>();
  let state: 'open' | 'closing' | 'closed' = 'open';

  const tryOnce = createBatcher(
    async (keys: readonly IdempotencyKey[]) => {
      try {
        return await releaseIdempotencyKeys(db, keys);
      } catch (error) {
        log.warn({ event: 'idempotency_keys_held', keys: keys.length, err: error }, 'keys wait for the database');
        throw error;
      }
    },
    { maxItems, isAboutItem: isStatementRefused },
  );

  async function giveBack(key: IdempotencyKey, lateMilliseconds: number): Promise<void> {
    const lateUntil = performance.now() + lateMilliseconds;
    for (; state !== 'closed'; await sleep(retryMilliseconds, undefined, { ref: false })) {
      const isGivenBack = await tryOnce(key).catch((error: unknown) =>
        isStatementRefused(error) ? 'refused' : undefined,
      );
      if (isGivenBack === 'refused') break;
      if (isGivenBack === undefined) continue;
      if (isGivenBack || state !== 'open' || performance.now() >= lateUntil) return;
    }
    log.warn({ event: 'idempotency_key_kept', request_id: key.requestId }, 'a key could not be given back');
  }

  return {
    release: (key, lateMilliseconds = 0) => {
      if (pending.size >= maxKeys) {
        log.warn({ event: 'idempotency_key_kept', request_id: key.requestId }, 'too many keys wait for the database');
        return;
      }
      const giving = giveBack(key, lateMilliseconds).finally(() => pending.delete(giving));
      pending.add(giving);
    },
    close: async () => {
      state = 'closing';
      await Promise.race([Promise.all(pending), sleep(closeMilliseconds, undefined, { ref: false })]);
      state = 'closed';
    },
  };
}
