import { type Capability, needOf } from '../catalogue/capabilities.js';
import type { ModelCatalogue } from '../catalogue/model-catalogue.js';
import type { ScopeToken } from './scope-token.js';

/**
 * Lists the models and capabilities of a scope that allow nothing. A capability allows nothing if none of the scope's
 * models has it. For a capability that needs another one (see `needOf`), only that other one is looked for. A model
 * allows nothing if it has none of the scope's capabilities that need no other. The proxy refuses every request that
 * needs one of them.
 */
export function listUselessScopeTokens(
  tokens: readonly ScopeToken[],
  catalogue: ModelCatalogue,
): readonly ScopeToken[] {
  const ofModels = new Set(tokens.flatMap((token) => listCapabilities(token, catalogue)));
  const usable = tokens.flatMap((token) =>
    token.kind === 'capability' && needOf(token.capability) === 'nothing' && ofModels.has(token.capability)
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

/** @param usable the granted capabilities that need no other and that a model of the scope has */
function isPossible(capability: Capability, usable: readonly Capability[]): boolean {
  const need = needOf(capability);
  if (need === 'any') return usable.length > 0;
  return usable.includes(need === 'nothing' ? capability : need);
}
