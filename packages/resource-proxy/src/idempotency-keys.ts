import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, isStatementRefused } from '@aipassport/store';
import { claimIdempotencyKeys, type IdempotencyKey, releaseIdempotencyKeys } from '@aipassport/store/proxying';
import type { Logger } from 'pino';
import { type Batcher, createBatcher } from './create-batcher.js';
import { Denied } from './denials/denial.js';

/** The longest time that a claim waits for its batch. It is the same as for the admission, which follows the claim. */
const maxWaitMilliseconds = 1_000;
/** When the database or the network stalls, a claim whose reply was lost may still be written within this time. */
const maxLateMilliseconds = 60_000;
const retryMilliseconds = 500;
const maxReleasedAtOnce = 512;
/**
 * The maximum number of idempotency keys that wait for their release. In a long outage of the database, further keys
 * are not released and expire after a day.
 */
const maxPending = 4_096;
/**
 * How long a stopping server waits for the release of idempotency keys. It waits for settlements during the same time.
 */
const closeMilliseconds = 2_000;

/**
 * Claims and releases idempotency keys. A key is claimed before its request is sent, and released if the request is not
 * sent, or if the vendor does not bill it. Concurrent claims share one statement, and so do concurrent releases.
 */
export class IdempotencyKeys {
  readonly #log: Logger;
  readonly #claim: Batcher<IdempotencyKey, boolean>;
  readonly #release: Batcher<IdempotencyKey, boolean>;
  readonly #pending = new Set<Promise<void>>();
  #state: 'open' | 'closing' | 'closed' = 'open';

  constructor(db: Database, log: Logger) {
    this.#log = log;
    this.#claim = createBatcher((keys: readonly IdempotencyKey[]) => claimIdempotencyKeys(db, keys), {
      maxWaitMilliseconds,
      refuse: () => new Denied({ reason: 'overloaded' }),
      isAboutItem: isStatementRefused,
    });
    this.#release = createBatcher((keys: readonly IdempotencyKey[]) => this.#releaseBatch(db, keys), {
      maxItems: maxReleasedAtOnce,
      isAboutItem: isStatementRefused,
    });
  }

  /**
   * Claims an idempotency key. If this throws after the claim, the key is released.
   *
   * @returns false when another request of the grant has claimed it
   * @throws Denied `overloaded` when the claim has waited too long for a batch
   */
  async claim(key: IdempotencyKey): Promise<boolean> {
    try {
      return await this.#claim(key);
    } catch (error) {
      const isUnclaimed = error instanceof Denied || isStatementRefused(error);
      if (!isUnclaimed) this.#releaseSoon(key, maxLateMilliseconds);
      throw error;
    }
  }

  /** Releases the idempotency key soon, if this request has it, and tries again while the database does not answer. */
  release(key: IdempotencyKey): void {
    this.#releaseSoon(key, 0);
  }

  /**
   * Waits up to `closeMilliseconds` for the idempotency keys that are not released yet, and then gives up their
   * release.
   */
  async close(): Promise<void> {
    this.#state = 'closing';
    await Promise.race([Promise.all(this.#pending), sleep(closeMilliseconds, undefined, { ref: false })]);
    this.#state = 'closed';
  }

  /**
   * @param lateMilliseconds the time within which a claim without a reply may still be written; an idempotency key that
   * is not found is looked for again until this time has passed
   */
  #releaseSoon(key: IdempotencyKey, lateMilliseconds: number): void {
    if (this.#pending.size >= maxPending) {
      this.#logKept(key, 'too many idempotency keys wait for the database');
      return;
    }
    const releasing = this.#releaseUntilDone(key, lateMilliseconds).finally(() => this.#pending.delete(releasing));
    this.#pending.add(releasing);
  }

  async #releaseUntilDone(key: IdempotencyKey, lateMilliseconds: number): Promise<void> {
    const lateUntil = performance.now() + lateMilliseconds;
    for (; this.#state !== 'closed'; await sleep(retryMilliseconds, undefined, { ref: false })) {
      const isReleased = await this.#release(key).catch((error: unknown) =>
        isStatementRefused(error) ? 'refused' : undefined,
      );
      if (isReleased === 'refused') break;
      if (isReleased === undefined) continue;
      if (isReleased || this.#state !== 'open' || performance.now() >= lateUntil) return;
    }
    this.#logKept(key, 'an idempotency key could not be released');
  }

  async #releaseBatch(db: Database, keys: readonly IdempotencyKey[]): Promise<readonly boolean[]> {
    try {
      return await releaseIdempotencyKeys(db, keys);
    } catch (error) {
      this.#log.warn(
        { event: 'idempotency_keys_held', keys: keys.length, err: error },
        'idempotency keys wait for the database',
      );
      throw error;
    }
  }

  #logKept({ requestId }: IdempotencyKey, text: string): void {
    this.#log.warn({ event: 'idempotency_key_kept', ledger_id: requestId }, text);
  }
}
