/** What an upstream bills beside its price list, and what its usage means. Empty: the price list says everything. */
export interface Billing {
  /** `service_tier` changes the price: where a request leaves it open, the standard one is asked for. */
  readonly hasServiceTiers?: boolean;
  /** A cache is written only for a request that asks for it. Otherwise at any time, if the list has a price for it. */
  readonly writesCacheWhenAsked?: boolean;
  /** A container that runs code: the price of one, and how long that pays for. Undefined: it costs nothing besides tokens. */
  readonly codeSession?: { readonly usd: number; readonly seconds: number };
  /** What flex processing of these models (a pattern) costs, in percent of the price. Price lists do not say. */
  readonly flex?: { readonly models: string; readonly percentOfPrice: number };
  /** The price of a search of these models (a pattern), where the list has none. */
  readonly searches?: readonly { readonly models: string; readonly usd: number }[];
  /** With these models (a pattern), what a search finds is billed as this many input tokens, whatever it is. */
  readonly searchContent?: { readonly models: string; readonly tokens: number };
}
