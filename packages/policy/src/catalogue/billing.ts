/** Billing rules of an upstream that are not in its price list. Empty: there are no such rules. */
export interface Billing {
  /**
   * Whether `service_tier` changes the price. If it does, the proxy requests the standard tier for a request without a
   * tier or with the tier `auto`.
   */
  readonly hasServiceTiers?: boolean;
  /**
   * Whether a cache is written only when the request asks for it. If this is not set, a request to any model that has a
   * price for writing a cache may write one.
   */
  readonly writesCacheWhenAsked?: boolean;
  /**
   * A container that runs code: its price, and the time that this price covers. Undefined: it costs nothing besides
   * tokens.
   */
  readonly codeSession?: { readonly usd: number; readonly seconds: number };
  /**
   * The price of flex processing of these models (a pattern), in percent of the list price. Price lists do not have it.
   */
  readonly flex?: { readonly models: string; readonly percentOfPrice: number };
  /** The price of a search of these models (a pattern), where the price list has none. */
  readonly searches?: readonly { readonly models: string; readonly usd: number }[];
  /**
   * Whether documents in a chat may cost more than the tokens of the model, for example because another service reads
   * them. Requests with a document are then refused.
   */
  readonly refusesDocuments?: boolean;
  /** With these models (a pattern), search results are billed as this many input tokens, whatever their length. */
  readonly searchContent?: { readonly models: string; readonly tokens: number };
}
