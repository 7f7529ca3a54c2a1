import type { PricedBodyOf } from '../../../fields/field-tables.js';
import type { Price } from '../../price.js';
import type { Usage } from '../../usage.js';
import type { Demand } from '../estimate.js';
import { type HostedTools, noHostedTools } from '../hosted-tools.js';
import { isSet } from '../output-limit.js';
import { searchTokens } from './hosted-tools.js';

/**
 * Models that search for every answer. The fee for a search includes the tokens of its results:
 * https://platform.openai.com/docs/pricing
 */
const searchModel = /-search-preview/;

export interface ChatSearch {
  readonly tools: HostedTools;
  /** The fee for one search for each answer. The reported usage does not include this fee. */
  readonly fees: Usage;
}

/** @returns undefined for a chat that does not search */
export function readChatSearch(
  body: PricedBodyOf<'openai.chat/completions'>,
  { modelId }: Price,
  choices: number,
): ChatSearch | undefined {
  const isMadeForIt = searchModel.test(modelId);
  if (!isMadeForIt && !isSet(body.web_search_options)) return undefined;
  const readsFound: HostedTools = {
    ...noHostedTools,
    rounds: 2,
    readsPerRound: (requestTokens) => Math.max(requestTokens, searchTokens),
  };
  return { tools: isMadeForIt ? noHostedTools : readsFound, fees: { webSearches: choices } };
}

/** Adds fees that are billed and are not in the reported usage. */
export function addUnreported(demand: Demand, fees: Usage): Demand {
  const withFees = (inputs: Demand['inputs']) => inputs.map((usage) => ({ ...usage, ...fees }));
  return { ...demand, inputs: withFees(demand.inputs), unreported: fees };
}
