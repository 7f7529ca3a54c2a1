import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, isDatabaseUnavailable } from '@aipassport/store';
import { recordStoredObjects, type StoredObject } from '@aipassport/store/proxying';
import { createBatcher } from '../create-batcher.js';

/**
 * Records the objects that vendors store for grants. Resolves when the records are committed.
 * @throws when the database does not answer
 */
export type RecordObjects = (objects: readonly StoredObject[]) => Promise<void>;

/**
 * If the stored objects of an answer cannot be recorded, the answer is cut although the owner pays for it. So the write
 * is tried again, in case the database is unavailable only for a moment.
 */
const attempts = 4;
const retryMilliseconds = 250;

/**
 * Creates the function that records objects. The objects of all answers that arrive at the same time are written with
 * one statement.
 */
export function createStateRegister(db: Database): RecordObjects {
  const write = createBatcher(async (batches: readonly (readonly StoredObject[])[]) => {
    await recordStoredObjects(db, batches.flat());
    return batches.map(() => true);
  });
  return async (objects) => {
    if (objects.length === 0) return;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await write(objects);
        return;
      } catch (error) {
        if (attempt === attempts || !isDatabaseUnavailable(error)) throw error;
        await sleep(retryMilliseconds);
      }
    }
  };
}
