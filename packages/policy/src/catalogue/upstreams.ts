/** The AI vendors' APIs that the proxy can call. Pages call them "AI providers". */
export const upstreams = ['openai', 'anthropic', 'google'] as const;
export type Upstream = (typeof upstreams)[number];

/** The vendors' names, for pages. */
export const upstreamNames: Readonly<Record<Upstream, string>> = {
  openai: 'OpenAI',
  anthropic: 'Anthropic',
  google: 'Google',
};

export function parseUpstream(text: string): Upstream | undefined {
  return upstreams.find((upstream) => upstream === text);
}
