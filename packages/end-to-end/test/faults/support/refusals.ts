import type { ChatResult } from './load.js';

/**
 * Finds the wrong answers to requests during a database fault. A right answer is complete, or is a refusal: 503 with
 * Retry-After within `maxMilliseconds`, or a refusal because of the budget.
 */
export function findWrongAnswers(seen: readonly ChatResult[], maxMilliseconds = Number.POSITIVE_INFINITY): string[] {
  return seen.flatMap(({ number, status, isWhole, retryAfter, sentAtMilliseconds, endedAtMilliseconds, text }) => {
    const milliseconds = Math.round(endedAtMilliseconds - sentAtMilliseconds);
    // 402: the budget is spent. 429: other requests have reserved the rest of it.
    const isServed = isWhole || status === 402 || (status === 429 && Number(retryAfter) > 0);
    const isRefused = status === 503 && Number(retryAfter) > 0 && milliseconds <= maxMilliseconds;
    if (isServed || isRefused) return [];
    return [
      `request ${number} got ${status}, Retry-After ${retryAfter}, after ${milliseconds} ms: ${text.slice(-200)}`,
    ];
  });
}
