import type { PriceCatalogue } from '@aipassport/policy';
import type { Database } from '@aipassport/store';
import {
  closeTurn,
  deleteBackgroundResponse,
  type OpenBackgroundResponse,
  type Settlement,
  settleRequests,
} from '@aipassport/store/proxying';
import type { StoredResponse } from '../stored-state.js';
import { decideBackgroundCost } from './decide-background-cost.js';

/**
 * Settles a background response that has ended. Several processes may do this at the same time, because a request is
 * settled only once. The row of the background response is deleted last. If this process dies before that, the next
 * check repeats the work.
 *
 * @param response undefined when the AI provider does not report how the response ended
 */
export async function settleBackground(
  { db, prices }: { readonly db: Database; readonly prices: PriceCatalogue },
  open: OpenBackgroundResponse,
  response: StoredResponse | undefined,
): Promise<void> {
  const settlement = decideBackgroundCost(prices, open, response);
  await settleRequests(db, [settlement]);
  if (response?.conversationId !== undefined)
    await closeTurn(
      db,
      { ...open, conversationId: response.conversationId },
      response.mayBeCut ? undefined : countTokens(settlement),
    );
  await deleteBackgroundResponse(db, open);
}

function countTokens({ inputTokens, outputTokens }: Settlement): number | undefined {
  return inputTokens === undefined || outputTokens === undefined ? undefined : inputTokens + outputTokens;
}
