import pLimit from 'p-limit';
import { Denied } from '../denials/denial.js';

const fetchesAtATime = 16;
/** With a time limit of 3 seconds for each fetch, the last one in the queue begins within 6 seconds. */
const maxWaiting = 32;
const retryAfterSeconds = 5;

/** Does work when it is its turn. @throws Denied when too much work is waiting */
export type FetchQueue = <Result>(work: () => Promise<Result>) => Promise<Result>;

export function createFetchQueue(): FetchQueue {
  const limit = pLimit(fetchesAtATime);
  return async (work) => {
    if (limit.activeCount + limit.pendingCount >= fetchesAtATime + maxWaiting)
      throw new Denied({ reason: 'too_many_attempts', retryAfterSeconds });
    return limit(work);
  };
}
