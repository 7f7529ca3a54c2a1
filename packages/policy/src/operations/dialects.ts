/** The facts that are the same for all vendors of a dialect, unless the entry of an upstream says otherwise. */
export interface DialectFacts {
  /** The path below which the API is. */
  readonly root: string;
  /** The header that carries the provider key: see `UpstreamInterface`. */
  readonly keyHeader: string;
  /**
   * Whether a picture may be billed as more tokens than it uses in the context window, for a model that the operator
   * adds: see `ModelLimits`. If the dialect's own vendor bills like this, other vendors may too. Input and output of
   * these models share one window.
   */
  readonly mayInflatePictures: boolean;
}

/** The facts of each dialect. */
export const dialectFacts = {
  openai: { root: '/v1', keyHeader: 'authorization', mayInflatePictures: true },
  anthropic: { root: '/v1', keyHeader: 'x-api-key', mayInflatePictures: false },
  google: { root: '/v1beta', keyHeader: 'x-goog-api-key', mayInflatePictures: false },
} as const satisfies Readonly<Record<string, DialectFacts>>;

/**
 * A dialect: the form of requests, answers, streams and errors. It is named for the vendor that made it. A vendor whose
 * API has a dialect that the code implements needs only an entry: see `upstreams.ts`.
 */
export type Dialect = keyof typeof dialectFacts;
/** The headers in which SDKs send their API key. */
export const keyHeaders: ReadonlySet<string> = new Set(Object.values(dialectFacts).map(({ keyHeader }) => keyHeader));
export const dialects = Object.keys(dialectFacts) as readonly Dialect[]; // the table has no other keys
