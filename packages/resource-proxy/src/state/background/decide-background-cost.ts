import {
  decideCharge,
  type PriceCatalogue,
  priceOfAnswer,
  totalInputTokens,
  totalOutputTokens,
} from '@aipassport/policy';
import type { OpenBackgroundResponse, Settlement } from '@aipassport/store/proxying';
import type { StoredResponse } from '../stored-state.js';
import { readQuote } from './background-quote.js';

/**
 * Decides the cost of a background response that has ended. A response without a usage report, such as a cancelled one,
 * is charged for its input and the most output that the vendor can have written while it ran, up to the reservation. If
 * a response without a usage report failed before it had any output, it costs nothing.
 *
 * @param response as the vendor returns it; undefined when the vendor does not report how the response ended. The
 * response is then charged as reserved
 */
export function decideBackgroundCost(
  prices: PriceCatalogue,
  open: OpenBackgroundResponse,
  response: StoredResponse | undefined,
): Settlement {
  const { requestId, grantId, accountId, ageSeconds } = open;
  const durationMilliseconds = Math.round(ageSeconds * 1_000);
  const ended = { requestId, grantId, accountId, durationMilliseconds };
  const asReserved = { ...ended, settlement: 'estimated', cost: undefined } as const;
  const quote = readQuote(prices, open);
  if (response === undefined || quote === undefined) return asReserved;
  const { reading, isEmptyFailure, outputBytes, textBytes } = response.readOutcome();
  if (!reading.trusted && isEmptyFailure) return { ...ended, settlement: 'unbilled', cost: 0n };
  const charge = decideCharge({
    estimate: { ...quote, price: priceOfAnswer(quote.price, reading.trusted ? reading : {}) },
    reservedNanoUsd: quote.reservedNanoUsd,
    usage: reading.trusted ? reading.usage : undefined,
    seen: { bytes: outputBytes, outputTokens: outputBytes, textBytes, reported: undefined, hiddenSeconds: ageSeconds },
    durationMilliseconds,
  });
  switch (charge.kind) {
    case 'estimated':
    case 'doubted':
      return { ...asReserved, settlement: charge.kind };
    case 'produced':
      return { ...ended, settlement: 'produced', cost: charge.nanoUsd };
    case 'reported':
      return {
        ...ended,
        settlement: 'reported',
        status: 200,
        cost: charge.nanoUsd,
        inputTokens: totalInputTokens(charge.usage),
        cachedInputTokens: charge.usage.cacheReadTokens,
        cacheWriteTokens: charge.usage.cacheWriteTokens ?? 0,
        outputTokens: totalOutputTokens(charge.usage),
        toolCalls: (charge.usage.webSearches ?? 0) + (charge.usage.codeSessions ?? 0),
      };
  }
}
