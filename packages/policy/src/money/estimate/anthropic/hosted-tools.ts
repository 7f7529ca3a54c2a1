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

/** https://docs.claude.com/en/api/handling-stop-reasons: after ten rounds the vendor pauses the turn. */
const maxRounds = 10;

export function readAnthropicTools(body: PricedBodyOf<'anthropic.messages'>, price: Price): HostedTools {
  const tools = listTools(body);
  const added = listAddedTools(body.messages);
  // Messages can add tools. The request has no field that limits the calls of such a tool.
  if (added.some(({ type }) => String(type).startsWith('web_search'))) return refuseCost('messages', 'not_bounded');
  const has = (prefix: string): boolean =>
    [...tools, ...added].some(({ type }) => typeof type === 'string' && type.startsWith(prefix));
  const search = has('web_search');
  const code = has('code_execution');
  const outside = search || code || has('web_fetch');
  if (!outside && !has('tool_search')) return noHostedTools;
  const searches = tools.map((tool) =>
    typeof tool.type === 'string' && tool.type.startsWith('web_search')
      ? (readCount(tool, 'max_uses') ?? defaultToolCalls)
      : undefined,
  );
  const limitedTo = (calls: number): HostedTools => {
    const uses = searches.map((most) => (most === undefined ? undefined : Math.min(most, calls)));
    return {
      // Fewer searches do not lower the number of rounds: when the vendor refuses a search above the limit, the model
      // reads its input again.
      rounds: maxRounds,
      // A tool search finds only tools of the request, so a round reads no more than the request and the output.
      readsPerRound: outside ? readsAll : (requestTokens, outputTokens) => requestTokens + outputTokens,
      fees: {
        webSearches: uses.reduce<number>((sum, each) => sum + (each ?? 0), 0),
        codeSessions: code ? countContainerSessions(price) : 0,
      },
      members: search
        ? { tools: tools.map((tool, at) => (uses[at] === undefined ? tool : { ...tool, max_uses: uses[at] })) }
        : {},
    };
  };
  return search ? withCalls(Math.max(...searches.map((most) => most ?? 0)), limitedTo) : limitedTo(0);
}

/** The tools that blocks of a chat add, in messages and in compacted parts. */
function listAddedTools(value: unknown): readonly JsonObject[] {
  if (Array.isArray(value)) return value.flatMap(listAddedTools);
  if (!isJsonObject(value)) return [];
  if (value.type === 'tool_definition') return isJsonObject(value.definition) ? [value.definition] : [];
  if (value.type === 'tool_addition' && isJsonObject(value.tool)) return [value.tool, ...listAddedTools(value.tool)];
  return ['content', 'tool', 'tool_changes'].flatMap((name) => listAddedTools(value[name]));
}
