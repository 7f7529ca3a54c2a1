import type { Capability } from '../catalogue/capabilities.js';
import type { ModelCatalogue } from '../catalogue/model-catalogue.js';
import type { ScopeToken } from './scope-token.js';

/**
 * Lists the models and capabilities of a scope that allow nothing: capabilities that none of its models has, and models
 * that have none of its capabilities. The proxy refuses every request that needs one of them.
 */
export function listUselessScopeTokens(
  tokens: readonly ScopeToken[],
  catalogue: ModelCatalogue,
): readonly ScopeToken[] {
  const ofModels = new Set(tokens.flatMap((token) => listCapabilities(token, catalogue)));
  const usable = tokens.flatMap((token) =>
    token.kind === 'capability' && !isTool(token.capability) && ofModels.has(token.capability)
      ? [token.capability]
      : [],
  );
  return tokens.filter((token) =>
    token.kind === 'capability'
      ? !isPossible(token.capability, usable)
      : !listCapabilities(token, catalogue).some((capability) => usable.includes(capability)),
  );
}

function listCapabilities(token: ScopeToken, catalogue: ModelCatalogue): readonly Capability[] {
  switch (token.kind) {
    case 'model':
      return catalogue.find(token.upstream, token.modelId)?.capabilities ?? [];
    case 'all-models':
      return catalogue.models
        .filter(({ upstream }) => upstream === token.upstream)
        .flatMap(({ capabilities }) => capabilities);
    case 'capability':
    case 'gone':
      return [];
  }
}

/** Whether the capability is a tool. A request with a tool also needs the capability of its operation. */
function isTool(capability: Capability): boolean {
  return capability === 'code' || capability === 'tools.web';
}

/**
 * `code` works only with `chat`. `tools.web` works with every operation, because any request can contain links that the
 * model opens.
 */
function isPossible(capability: Capability, usable: readonly Capability[]): boolean {
  if (capability === 'tools.web') return usable.length > 0;
  return usable.includes(capability === 'code' ? 'chat' : capability);
}
