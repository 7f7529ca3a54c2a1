import type { Seen } from './load.js';

/**
 * Of the requests sent while the database was in trouble: those that were neither served nor refused as they should be,
 * with 503 and Retry-After. No answer that has begun breaks off for it.
 */
export function findWrongAnswers(seen: readonly Seen[], maxMilliseconds = Number.POSITIVE_INFINITY): string[] {
  return seen.flatMap(({ number, status, isWhole, retryAfter, sentAtMilliseconds, endedAtMilliseconds, text }) => {
    const milliseconds = Math.round(endedAtMilliseconds - sentAtMilliseconds);
    // Of a budget too little is left, for good or for as long as others hold it.
    const isServed = isWhole || status === 402 || (status === 429 && Number(retryAfter) > 0);
    const isRefused = status === 503 && Number(retryAfter) > 0 && milliseconds <= maxMilliseconds;
    if (isServed || isRefused) return [];
    return [
      `request ${number} got ${status}, Retry-After ${retryAfter}, after ${milliseconds} ms: ${text.slice(-200)}`,
    ];
  });
}
