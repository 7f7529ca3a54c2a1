/** The AI vendors' APIs that the proxy can call. People read "AI provider". */
export const upstreams = ['openai', 'anthropic', 'google'] as const;
export type Upstream = (typeof upstreams)[number];

/** As the vendors call themselves; for pages. */
export const upstreamNames: Readonly<Record<Upstream, string>> = {
  openai: 'OpenAI',
  anthropic: 'Anthropic',
  google: 'Google',
};

export function parseUpstream(text: string): Upstream | undefined {
  return upstreams.find((upstream) => upstream === text);
}
