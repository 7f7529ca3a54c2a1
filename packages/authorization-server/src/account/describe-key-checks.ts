import type { Upstream, UpstreamCatalogue } from '@aipassport/policy';

/** How to ask an AI provider for its list of models. */
export interface KeyCheck {
  readonly url: URL;
  /** `authorization` carries the key as a bearer token. Any other header carries the key alone. */
  readonly keyHeader: string;
  readonly headers: Readonly<Record<string, string>>;
  /**
   * The statuses that mean that the key is wrong. 403 need not mean this: a key with few rights may get it for the list
   * of models, and work for other requests.
   */
  readonly refusals: readonly number[];
}

export function describeKeyChecks(
  upstreams: UpstreamCatalogue,
  addresses: readonly { readonly name: Upstream; readonly baseUrl: string }[],
): Readonly<Record<Upstream, KeyCheck>> {
  const checks = addresses.flatMap(({ name, baseUrl }) => {
    const entry = upstreams.find(name);
    if (entry === undefined) return [];
    const [{ roots, keyHeader }] = entry.interfaces;
    const { headers = {}, refusals = [401] } = entry.keyCheck ?? {};
    const url = new URL(`${baseUrl.replace(/\/$/, '')}${roots[0]}/models`);
    return [[name, { url, keyHeader, headers, refusals }] as const];
  });
  return Object.fromEntries(checks);
}
