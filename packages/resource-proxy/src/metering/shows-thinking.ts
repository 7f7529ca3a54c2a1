import type { Call } from '../call.js';
import { upstreamApis } from '../upstreams/upstream-apis.js';

/** Whether the stream shows everything that a model generates for this call: see `UpstreamApi`. */
export function showsThinking({ match, model }: Pick<Call, 'match' | 'model'>): boolean {
  const { dialect, modelsWithoutThinking } = match.operation;
  return upstreamApis[dialect].showsThinking(model.id, modelsWithoutThinking);
}
