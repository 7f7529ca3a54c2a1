import type { Upstream, UpstreamCatalogue } from '@aipassport/policy';

/** How to ask an AI provider for its list of models. */
export interface KeyCheck {
  readonly url: URL;
  /** `authorization` carries the key as a bearer token. Any other header carries the key alone. */
  readonly keyHeader: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The statuses that mean that the key is wrong. A key with few rights may get 403 here and work elsewhere. */
  readonly refusals: readonly number[];
}

/** The API that answers a wrong key with 400. */
const dialectOf400 = 'google';
const versions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  anthropic: { 'anthropic-version': '2023-06-01' },
};

export function describeKeyChecks(
  upstreams: UpstreamCatalogue,
  addresses: readonly { readonly name: Upstream; readonly baseUrl: string }[],
): Readonly<Record<Upstream, KeyCheck>> {
  const checks = addresses.flatMap(({ name, baseUrl }) => {
    const [own] = upstreams.find(name)?.interfaces ?? [];
    if (own === undefined) return [];
    const { dialect, roots, keyHeader } = own;
    const url = new URL(`${baseUrl.replace(/\/$/, '')}${roots[0]}/models`);
    const refusals = dialect === dialectOf400 ? [400, 401] : [401];
    return [[name, { url, keyHeader, headers: versions[dialect] ?? {}, refusals }] as const];
  });
  return Object.fromEntries(checks);
}
