import { type OperationIn, operationsOf } from '../operations/dialect-operations.js';
import type { Dialect } from '../operations/dialects.js';
import type { Billing } from './billing.js';

/** The name of an AI vendor's API that the proxy can call. Pages say “AI provider” for it. */
export type Upstream = string;

/** One upstream. A vendor whose API has a known dialect needs an entry and no code. */
export interface UpstreamEntry {
  /** Stable: it is in scopes, paths, the names of variables and the ledger. See `isUpstreamName`. */
  readonly name: Upstream;
  /** The vendor's own name for itself, for pages. */
  readonly label: string;
  readonly baseUrl: string;
  /**
   * The dialects of the API. The first one is the API's own. The proxy answers errors in this dialect on all paths of
   * the upstream that belong to no other dialect.
   */
  readonly interfaces: readonly [UpstreamInterface, ...UpstreamInterface[]];
  /** The page on which the vendor issues provider keys. Undefined: unknown. */
  readonly keysPage?: string;
  /**
   * A server tests a provider key by asking the upstream for its list of models. This says what is special about that
   * request at this upstream.
   */
  readonly keyCheck?: {
    /** Headers that the request needs, besides the header with the provider key. */
    readonly headers?: Readonly<Record<string, string>>;
    /** The statuses with which the upstream answers a wrong provider key. Default: 401. */
    readonly refusals?: readonly number[];
  };
  /** The prefixes of the vendor's provider keys. Empty: unknown. */
  readonly keyPrefixes: readonly string[];
  /**
   * Secrets of the vendor that are not API keys. The vendor allows the secrets of a subscription only for a person's
   * own use.
   */
  readonly refusedKeys?: readonly { readonly prefix: string; readonly isSubscription?: true }[];
  /** The upstream's name in `@pydantic/genai-prices`. If undefined, all its prices are in `PRICES_FILE`. */
  readonly priceList?: string;
  readonly billing: Billing;
}

/** One dialect of an upstream, and the paths and operations of that dialect. */
export type UpstreamInterface = {
  readonly [D in Dialect]: {
    readonly dialect: D;
    /**
     * The paths below which clients may call the upstream in this dialect. The proxy calls the upstream below the first
     * path.
     */
    readonly roots: readonly [string, ...string[]];
    /** `authorization` carries the provider key as a bearer token. Any other header carries the provider key alone. */
    readonly keyHeader: string;
    readonly operations: readonly OperationIn<D>[];
    /**
     * A pattern of the models that do not think before they answer. Any other model may think without showing it.
     * Undefined: every model may think.
     */
    readonly modelsWithoutThinking?: string;
  };
}[Dialect];

const openai = {
  name: 'openai',
  label: 'OpenAI',
  baseUrl: 'https://api.openai.com',
  interfaces: [
    {
      dialect: 'openai',
      roots: ['/v1'],
      keyHeader: 'authorization',
      operations: operationsOf('openai'),
      // Models that are fine-tuned from these do not think either. All newer models think without showing it.
      modelsWithoutThinking: '^(?:ft:)?(?:gpt-3\\.5|gpt-4|chatgpt-4o)(?![0-9])',
    },
  ],
  keysPage: 'https://platform.openai.com/api-keys',
  keyPrefixes: ['sk-'],
  priceList: 'openai',
  billing: {
    hasServiceTiers: true,
    // Flex tokens have the rates of the Batch API: half of the standard rates, for cached and other tokens
    // (https://platform.openai.com/docs/guides/flex-processing, https://platform.openai.com/docs/pricing "Flex").
    flex: { models: '^(o3|o4-mini)(-\\d|$)|^gpt-([5-9]|\\d\\d)', percentOfPrice: 50 },
    // A 1 GB container costs $0.03 for twenty minutes (https://platform.openai.com/docs/pricing, "Built-in tools").
    codeSession: { usd: 0.03, seconds: 1_200 },
    // A thousand searches cost $10. The price list has no price for searches of these models.
    searches: [{ models: '^(gpt-5|gpt-chat|o3-pro)', usd: 0.01 }],
    // https://platform.openai.com/docs/pricing, "Web search"
    searchContent: { models: '^gpt-(4o|4\\.1)-mini\\b(?!-search)', tokens: 8_000 },
  },
} as const satisfies UpstreamEntry;

const anthropic = {
  name: 'anthropic',
  label: 'Anthropic',
  baseUrl: 'https://api.anthropic.com',
  interfaces: [
    { dialect: 'anthropic', roots: ['/v1'], keyHeader: 'x-api-key', operations: operationsOf('anthropic') },
    { dialect: 'openai', roots: ['/v1'], keyHeader: 'authorization', operations: ['openai.chat/completions'] },
  ],
  keysPage: 'https://console.anthropic.com/settings/keys',
  keyCheck: { headers: { 'anthropic-version': '2023-06-01' } },
  keyPrefixes: ['sk-ant-api'],
  refusedKeys: [
    ...['sk-ant-oat', 'sk-ant-ort', 'sk-ant-sid'].map((prefix) => ({ prefix, isSubscription: true }) as const),
    { prefix: 'sk-ant-' },
  ],
  priceList: 'anthropic',
  billing: {
    writesCacheWhenAsked: true,
    // A container costs $0.05 an hour, for at least five minutes
    // (https://docs.claude.com/en/docs/about-claude/pricing).
    codeSession: { usd: 0.05 / 12, seconds: 300 },
  },
} as const satisfies UpstreamEntry;

const google = {
  name: 'google',
  label: 'Google',
  baseUrl: 'https://generativelanguage.googleapis.com',
  interfaces: [
    {
      dialect: 'google',
      // The SDK uses `v1` where the documentation has `v1beta`. `v1beta` offers everything that `v1` does.
      roots: ['/v1beta', '/v1'],
      keyHeader: 'x-goog-api-key',
      operations: operationsOf('google'),
    },
    {
      dialect: 'openai',
      roots: ['/v1beta/openai'],
      keyHeader: 'authorization',
      operations: ['openai.chat/completions', 'openai.embeddings', 'openai.models.list', 'openai.models.get'],
    },
  ],
  keysPage: 'https://aistudio.google.com/apikey',
  keyCheck: { refusals: [400, 401] },
  keyPrefixes: ['AIza', 'AQ.'],
  priceList: 'google',
  billing: {
    // Half of the standard rates (https://ai.google.dev/gemini-api/docs/flex-inference).
    flex: { models: '^gemini-', percentOfPrice: 50 },
    // $35 for a thousand prompts that were answered with a search, up to Gemini 2.5
    // (https://ai.google.dev/gemini-api/docs/pricing). Newer models are billed for each query, and may make any number
    // of queries, so they have no entry.
    searches: [{ models: '^gemini-2\\.', usd: 0.035 }],
  },
} as const satisfies UpstreamEntry;

/** The upstreams that every instance has, in the order in which people see them. */
export const builtInUpstreams = [openai, anthropic, google] as const satisfies readonly UpstreamEntry[];
export type BuiltInUpstream = (typeof builtInUpstreams)[number]['name'];

/** Whether the text is a word that can be part of a path, a scope and the name of a variable. */
export function isUpstreamName(text: string): boolean {
  return /^[a-z][a-z0-9]{1,31}$/.test(text);
}
