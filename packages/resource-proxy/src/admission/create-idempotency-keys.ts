import type { Database } from '@aipassport/store';
import { claimIdempotencyKeys, type IdempotencyKey, releaseIdempotencyKeys } from '@aipassport/store/proxying';
import { Denied } from '../denials/denial.js';
import { createBatcher } from './create-batcher.js';

/** The names that clients give to their requests. However many ask, one connection to the database is busy with each act. */
export interface IdempotencyKeys {
  /**
   * @returns false when another request of the grant has it
   * @throws Denied `overloaded` when the database is so slow that there is no point in waiting
   */
  readonly claim: (key: IdempotencyKey) => Promise<boolean>;
  /** Gives it back, if it is this request's. */
  readonly release: (key: IdempotencyKey) => Promise<void>;
}

/** As for the admission that follows. */
const maxWaitMilliseconds = 1_000;

export function createIdempotencyKeys(db: Database): IdempotencyKeys {
  const refuse = () => new Denied({ reason: 'overloaded' });
  return {
    claim: createBatcher((keys) => claimIdempotencyKeys(db, keys), { maxWaitMilliseconds, refuse }),
    release: createBatcher(async (keys) => {
      await releaseIdempotencyKeys(db, keys);
      return keys.map(() => undefined);
    }),
  };
}
