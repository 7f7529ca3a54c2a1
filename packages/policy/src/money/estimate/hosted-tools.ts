import { canonicalFieldName } from '../../fields/canonical-name.js';
import type { PricedBodyOf } from '../../fields/field-tables.js';
import { isJsonObject, type JsonObject } from '../json.js';
import type { Price } from '../price.js';
import type { Usage } from '../usage.js';
import { refuseCost } from './cost-refusal.js';
import { readCount } from './output-limit.js';

/** What tools that the vendor runs add to the cost of a request. */
export interface HostedTools {
  /** How often the model reads its input: once, and again for each call whose result it reads. */
  readonly rounds: number;
  /** The most text tokens that one round reads. The model's own maximum applies too. */
  readonly readsPerRound: (requestTokens: number, outputTokens: number) => number;
  /** Usage that is billed for each call. */
  readonly fees: Usage;
  /** Members to write into the body. They make the vendor obey these numbers. */
  readonly members: JsonObject;
  /** The same with fewer calls. undefined: the number has no effect on the cost, or cannot be set. */
  readonly calls?: ToolCalls | undefined;
}

export interface ToolCalls {
  /** What the request may make. */
  readonly most: number;
  /** With fewer calls, the tool would be useless. */
  readonly least: number;
  readonly limitedTo: (calls: number) => HostedTools;
}

const readsAll = (): number => Number.POSITIVE_INFINITY;
export const noHostedTools: HostedTools = { rounds: 1, readsPerRound: readsAll, fees: {}, members: {} };

/** The number of calls for a request that sets none. */
const defaultToolCalls = 5;
/** No exchange takes longer, so no container is billed for longer. */
const maxExchangeSeconds = 3_600;

/** https://platform.openai.com/docs/guides/tools-web-search: the context with a search is limited to this. */
export const openaiSearchTokens = 128_000;

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
  // Priced differently, with models that do not reason; the tool without "preview" does the same.
  if (types.some((type) => type.startsWith('web_search_preview')) && price.modelId.startsWith('gpt-4')) {
    return refuseCost('web_search_preview', 'not_priced');
  }
  if (!search && !code && !finder) return noHostedTools;
  const limitedTo = (calls: number): HostedTools => ({
    rounds: calls + 1,
    readsPerRound: (requestTokens, outputTokens) => {
      if (code) return readsAll();
      // A tool search finds only tools of the request.
      return search ? Math.max(requestTokens, openaiSearchTokens) : requestTokens + outputTokens;
    },
    fees: { webSearches: search ? calls : 0, codeSessions: code ? sessionsOf(price) : 0 },
    members: { max_tool_calls: calls },
  });
  return withCalls(readCount(body, 'max_tool_calls') ?? defaultToolCalls, limitedTo);
}

/** All tools of a request, including those in groups and in items that add tools later. */
function listOpenaiTools(body: OpenaiToolBody): readonly JsonObject[] {
  const items = Array.isArray(body.input) ? body.input.filter(isJsonObject) : [];
  // A server's tools in an earlier answer count as text.
  return [body, ...items.filter(({ type }) => type !== 'mcp_list_tools')].flatMap(listGroups);
}

function listGroups(holder: { readonly tools?: unknown }): readonly JsonObject[] {
  return listTools(holder).flatMap((tool) => [tool, ...listGroups(tool)]);
}

function withCalls(most: number, limitedTo: ToolCalls['limitedTo']): HostedTools {
  return { ...limitedTo(most), calls: { most, least: Math.min(most, 1), limitedTo } };
}

/** https://docs.claude.com/en/api/handling-stop-reasons: after ten rounds the vendor pauses the turn. */
const anthropicRounds = 10;

export function readAnthropicTools(body: PricedBodyOf<'anthropic.messages'>, price: Price): HostedTools {
  const tools = listTools(body);
  const added = listAddedTools(body.messages);
  // A limit for their calls cannot be written into the request.
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
      // Fewer searches do not lower this: when the vendor refuses a search above the limit, the model reads again.
      rounds: anthropicRounds,
      // A tool search finds only tools of the request.
      readsPerRound: outside ? readsAll : (requestTokens, outputTokens) => requestTokens + outputTokens,
      fees: {
        webSearches: uses.reduce<number>((sum, each) => sum + (each ?? 0), 0),
        codeSessions: code ? sessionsOf(price) : 0,
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

/** https://ai.google.dev/gemini-api/docs/code-execution: the model rewrites failing code up to five times. */
const googleRounds = 6;

export function readGoogleTools(tools: readonly JsonObject[], price: Price): HostedTools {
  const kinds = new Set(
    tools.flatMap((tool) =>
      Object.keys(tool)
        .filter((name) => !isEmpty(tool[name]))
        .map(canonicalFieldName),
    ),
  );
  const search = kinds.has('googleSearch') || kinds.has('googleSearchRetrieval');
  const known = [
    'functionDeclarations',
    'computerUse',
    'googleSearch',
    'googleSearchRetrieval',
    'urlContext',
    'codeExecution',
  ];
  if (![...kinds].every((kind) => known.includes(kind))) return refuseCost('tools', 'not_priced');
  if (search && !price.named.has('webSearches')) return refuseCost('googleSearch', 'not_bounded');
  if (!search && !kinds.has('urlContext') && !kinds.has('codeExecution')) return noHostedTools;
  return { rounds: googleRounds, readsPerRound: readsAll, fees: { webSearches: search ? 1 : 0 }, members: {} };
}

function isEmpty(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}

function sessionsOf({ billing }: Price): number {
  return Math.ceil(maxExchangeSeconds / (billing.codeSession?.seconds ?? maxExchangeSeconds));
}

export function listTools({ tools }: { readonly tools?: unknown }): readonly JsonObject[] {
  if (tools === undefined || tools === null) return [];
  return Array.isArray(tools) && tools.every(isJsonObject) ? tools : refuseCost('tools', 'malformed');
}
