import type { FieldTable } from '../fields/field.js';
import type { OperationIn } from '../operations/dialect-operations.js';
import type { Dialect } from '../operations/dialects.js';
import type { Billing } from './billing.js';
import type { Capability } from './capabilities.js';
import type { Group } from './group.js';

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
    /** A path below the base URL that is asked instead, because the list of models needs no provider key. */
    readonly path?: string;
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
  /**
   * How the price list's models are served. Undefined: the served models are those in `names.ts`, or those of the
   * operator.
   */
  readonly listedModels?: ListedModels;
  /** Whether models for which the operator gives no prices cost nothing. */
  readonly isFree?: true;
  /** Whether the upstream may be in the operator's own network, at a URL without TLS. */
  readonly isInternal?: true;
  /** Whether a scope may name its models without the upstream. Otherwise it names them as `model:<upstream>/<id>`. */
  readonly hasBareNames?: true;
  readonly billing: Billing;
  /** Pages of the vendor's documentation from which the facts of this entry are taken. */
  readonly sources?: readonly string[];
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
    /** The path below which the vendor has the API. Undefined: the first path of `roots`. */
    readonly upstreamRoot?: string;
    /** `authorization` carries the provider key as a bearer token. Any other header carries the provider key alone. */
    readonly keyHeader: string;
    readonly operations: readonly OperationIn<D>[];
    /**
     * A pattern of the models that do not think before they answer. Any other model may think without showing it.
     * Undefined: every model may think.
     */
    readonly modelsWithoutThinking?: string;
    /** How the vendor's chat completions differ from those of the dialect's own vendor. */
    readonly chat?: ChatRules;
    /** Members that the vendor's SDK needs in the description of a model, by a capability of the model. */
    readonly modelMembers?: Readonly<Partial<Record<Capability, object>>>;
    /** Members of a request for embeddings that the dialect does not have. */
    readonly embeddingsFields?: FieldTable;
  };
}[Dialect];

/**
 * How a vendor's chat completions differ from those of the vendor that made the dialect. Empty: they do not differ in
 * anything that matters here.
 */
export interface ChatRules {
  /** Members of a request that the dialect does not have, or that have another rule at this vendor. */
  readonly fields?: FieldTable;
  /** The only name of the output limit that the vendor reads. Undefined: the vendor reads both names. */
  readonly outputLimit?: 'max_tokens' | 'max_completion_tokens';
  /**
   * When a stream reports its usage. `on_request`: if `stream_options` asks for it. `always`: even if it does not.
   * `unasked`: always, and the vendor refuses `stream_options`. Default: `on_request`.
   */
  readonly streamUsage?: 'on_request' | 'always' | 'unasked';
  /** How answers report their usage. Undefined: as those of the dialect's own vendor do. */
  readonly usageReport?: UsageReport;
  /** Whether the prices of the estimate are written into the request, as the most that the vendor may charge. */
  readonly capsPrices?: true;
}

/**
 * Usage reports that differ from those of the dialect's own vendor. `cache_hits`: cached input has its own member.
 * `thinking_beside`: the count of the output does not include the thinking; the report may say what was charged, in
 * ticks. `cost`: the report says what was charged, in dollars.
 */
export type UsageReport = 'cache_hits' | 'thinking_beside' | 'cost';

/**
 * Which models of the price list are served, for a vendor whose models are not in `names.ts`. All patterns are regular
 * expressions as text.
 */
export interface ListedModels {
  /** The groups of the names in the list. The first match counts. A name without a group is not served. */
  readonly rules: readonly (readonly [names: string, group: Group | undefined])[];
  /** Served names to which the list gives a price by a pattern only. */
  readonly names?: readonly string[];
  /**
   * The context windows of models for which the list has none, or too small a one. The first match counts. A model
   * without a window is not served, because its requests would have no bound.
   */
  readonly windows?: readonly (readonly [names: string, tokens: number])[];
}
