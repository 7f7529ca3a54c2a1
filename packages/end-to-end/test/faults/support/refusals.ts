import type { ChatResult } from './load.js';

/**
 * Finds the requests sent during a database fault that were neither served nor refused with 503 and Retry-After.
 * An answer that has begun must also be complete.
 */
export function findWrongAnswers(seen: readonly ChatResult[], maxMilliseconds = Number.POSITIVE_INFINITY): string[] {
  return seen.flatMap(({ number, status, isWhole, retryAfter, sentAtMilliseconds, endedAtMilliseconds, text }) => {
    const milliseconds = Math.round(endedAtMilliseconds - sentAtMilliseconds);
    // The budget is spent, or other requests have reserved the rest.
    const isServed = isWhole || status === 402 || (status === 429 && Number(retryAfter) > 0);
    const isRefused = status === 503 && Number(retryAfter) > 0 && milliseconds <= maxMilliseconds;
    if (isServed || isRefused) return [];
    return [
      `request ${number} got ${status}, Retry-After ${retryAfter}, after ${milliseconds} ms: ${text.slice(-200)}`,
    ];
  });
}
