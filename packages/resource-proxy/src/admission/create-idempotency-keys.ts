import { type Database, isStatementRefused } from '@aipassport/store';
import { claimIdempotencyKeys, type IdempotencyKey } from '@aipassport/store/proxying';
import type { Logger } from 'pino';
import { Denied } from '../denials/denial.js';
import { createBatcher } from './create-batcher.js';
import { createKeyReleaser, type KeyReleaser } from './create-key-releaser.js';

/** The names that clients give to their requests. However many ask, one connection to the database is busy with each act. */
export interface IdempotencyKeys extends Pick<KeyReleaser, 'close'> {
  /**
   * When it throws, whatever was claimed is given back.
   *
   * @returns false when another request of the grant has it
   * @throws Denied `overloaded` when the database is so slow that there is no point in waiting
   */
  readonly claim: (key: IdempotencyKey) => Promise<boolean>;
  /** Gives it back soon, if it is this request's. */
  readonly release: (key: IdempotencyKey) => void;
}

/** The same limit as for the admission that follows. */
const maxWaitMilliseconds = 1_000;
/** A claim whose answer was lost can still be written, by a database that stalls or over a network that does. */
const maxLateMilliseconds = 60_000;

export function createIdempotencyKeys(db: Database, log: Logger): IdempotencyKeys {
  const refuse = () => new Denied({ reason: 'overloaded' });
  const claim = createBatcher((keys: readonly IdempotencyKey[]) => claimIdempotencyKeys(db, keys), {
    maxWaitMilliseconds,
    refuse,
    isAboutItem: isStatementRefused,
  });
  const { release, close } = createKeyReleaser(db, log);
  return {
    claim: async (key) => {
      try {
        return await claim(key);
      } catch (error) {
        // The refused request was not sent, or the database did not count it.
        if (!(error instanceof Denied || isStatementRefused(error))) release(key, maxLateMilliseconds);
        throw error;
      }
    },
    release: (key) => release(key),
    close,
  };
}
