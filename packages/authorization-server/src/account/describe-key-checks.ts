import { describeKeyQuestion, type KeyQuestion, type Upstream, type UpstreamCatalogue } from '@aipassport/policy';

/** How to ask an AI provider for its list of models. */
export interface KeyCheck extends KeyQuestion {
  readonly url: URL;
}

export function describeKeyChecks(
  upstreams: UpstreamCatalogue,
  baseUrls: readonly { readonly name: Upstream; readonly baseUrl: string }[],
): Readonly<Record<Upstream, KeyCheck>> {
  const checks = baseUrls.flatMap(({ name, baseUrl }) => {
    const entry = upstreams.find(name);
    if (entry === undefined) return [];
    const question = describeKeyQuestion(entry);
    const url = new URL(`${baseUrl.replace(/\/$/, '')}${question.path}`);
    return [[name, { ...question, url }] as const];
  });
  return Object.fromEntries(checks);
}
