import { expect, it } from '@jest/globals';
import { retryDeadlocks } from '../src/database/retry-deadlocks.js';

const deadlock = () => Object.assign(new Error('deadlock detected'), { code: '40P01' });

it('runs a transaction again after a deadlock, at most four times, and not after another error', async () => {
  const outcomes = async (errors: readonly Error[]) => {
    const left = [...errors];
    let attempts = 0;
    const end = await retryDeadlocks(async () => {
      attempts += 1;
      const error = left.shift();
      if (error !== undefined) throw error;
      return 'done';
    }).catch((error: Error) => error.message);
    return [end, attempts];
  };
  expect(await outcomes([deadlock(), deadlock()])).toEqual(['done', 3]);
  expect(await outcomes(Array.from({ length: 9 }, deadlock))).toEqual(['deadlock detected', 5]);
  expect(await outcomes([new Error('other')])).toEqual(['other', 1]);
});
