import { costOf } from './cost.js';
import type { NanoUsd } from './nano-usd.js';
import type { Price } from './price.js';
import type { Usage } from './usage.js';

/** The typical chat with which pages explain prices: a question of about a page, and an answer of some paragraphs. */
export const shortChat = { inputTokens: 500, outputTokens: 300 } as const satisfies Usage;

/**
 * About how many short chats an amount pays for, rounded down to one significant digit.
 * @returns undefined when the model is not billed by such tokens, or costs nothing
 */
export function countShortChats(amount: NanoUsd, price: Price): number | undefined {
  const cost = costOf(price, shortChat);
  if (!cost.ok || cost.nanoUsd === 0n) return undefined;
  const count = amount / cost.nanoUsd;
  const unit = 10n ** BigInt(Math.max(count.toString().length - 1, 0));
  return Number((count / unit) * unit);
}
