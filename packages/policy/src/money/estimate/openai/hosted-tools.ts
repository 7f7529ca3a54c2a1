import type { PricedBodyOf } from '../../../fields/field-tables.js';
import { isJsonObject, type JsonObject } from '../../json.js';
import type { Price } from '../../price.js';
import { refuseCost } from '../cost-refusal.js';
import {
  countContainerSessions,
  defaultToolCalls,
  type HostedTools,
  listTools,
  noHostedTools,
  readsAll,
  withCalls,
} from '../hosted-tools.js';
import { readCount } from '../output-limit.js';

/**
 * The most tokens that the model reads at once if it can search the web:
 * https://platform.openai.com/docs/guides/tools-web-search
 */
export const searchTokens = 128_000;

/** Tools that the vendor runs, and whose prices are in no price list. */
const unpricedTools = new Set(['file_search', 'mcp', 'image_generation', 'programmatic_tool_calling']);

type OpenaiToolBody = Pick<PricedBodyOf<'openai.responses'>, 'tools' | 'input' | 'max_tool_calls'>;

export function readOpenaiTools(body: OpenaiToolBody, price: Price): HostedTools {
  const tools = listOpenaiTools(body);
  const types = tools.map(({ type }) => String(type));
  const search = types.some((type) => type.startsWith('web_search'));
  const code = types.some((type) => type.startsWith('code_interpreter'));
  const finder = tools.some(({ type, execution }) => String(type).startsWith('tool_search') && execution !== 'client');
  if (types.some((type) => unpricedTools.has(type))) return refuseCost('tools', 'not_priced');
  // `web_search_preview` has another price with models that do not reason, which are the GPT-4 models. Clients can use
  // `web_search` instead.
  if (types.some((type) => type.startsWith('web_search_preview')) && price.modelId.startsWith('gpt-4')) {
    return refuseCost('web_search_preview', 'not_priced');
  }
  if (!search && !code && !finder) return noHostedTools;
  const limitedTo = (calls: number): HostedTools => ({
    rounds: calls + 1,
    readsPerRound: (requestTokens, outputTokens) => {
      if (code) return readsAll();
      // A tool search finds only tools of the request, so a round reads no more than the request and the output.
      return search ? Math.max(requestTokens, searchTokens) : requestTokens + outputTokens;
    },
    fees: { webSearches: search ? calls : 0, codeSessions: code ? countContainerSessions(price) : 0 },
    members: { max_tool_calls: calls },
  });
  return withCalls(readCount(body, 'max_tool_calls') ?? defaultToolCalls, limitedTo);
}

/** All tools of a request, including the tools in groups and in items that add tools later. */
function listOpenaiTools(body: OpenaiToolBody): readonly JsonObject[] {
  const items = Array.isArray(body.input) ? body.input.filter(isJsonObject) : [];
  // An item of the type `mcp_list_tools` has a server's tools from an earlier answer. It counts as text.
  return [body, ...items.filter(({ type }) => type !== 'mcp_list_tools')].flatMap(listGroups);
}

function listGroups(holder: { readonly tools?: unknown }): readonly JsonObject[] {
  return listTools(holder).flatMap((tool) => [tool, ...listGroups(tool)]);
}
