import type { UpstreamEntry } from './upstreams.js';

/**
 * How to ask an AI provider about a provider key, with a request that costs nothing: usually the request for its list of
 * models.
 */
export interface KeyQuestion {
  readonly path: string;
  /** `authorization` carries the provider key as a bearer token. Any other header carries only the provider key. */
  readonly keyHeader: string;
  readonly headers: Readonly<Record<string, string>>;
  /**
   * The statuses that mean that the provider key is wrong. 403 need not mean this: an AI provider may answer 403 to a
   * key that must not list models, but works for other requests.
   */
  readonly refusals: readonly number[];
}

/**
 * What an AI provider says about a provider key. `unpaid`: the account has no credit. `unknown`: it did not answer, or
 * its answer says nothing about the provider key.
 */
export type KeyVerdict = 'accepted' | 'refused' | 'unpaid' | 'unknown';

export function describeKeyQuestion({ interfaces: [own], keyCheck }: UpstreamEntry): KeyQuestion {
  const { path, headers = {}, refusals = [401] } = keyCheck ?? {};
  return { path: path ?? `${own.upstreamRoot ?? own.roots[0]}/models`, keyHeader: own.keyHeader, headers, refusals };
}

/** @param status of the AI provider's answer; undefined when there was none */
export function judgeKey({ refusals }: Pick<KeyQuestion, 'refusals'>, status: number | undefined): KeyVerdict {
  if (status === undefined) return 'unknown';
  if (status >= 200 && status < 300) return 'accepted';
  if (refusals.includes(status)) return 'refused';
  return status === 402 ? 'unpaid' : 'unknown';
}
