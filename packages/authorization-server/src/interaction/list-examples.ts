import {
  type Capability,
  type Example,
  findExample,
  type ModelCatalogue,
  nameModel,
  type PriceCatalogue,
  type ScopeToken,
} from '@aipassport/policy';

export interface Catalogues {
  readonly models: ModelCatalogue;
  readonly prices: PriceCatalogue;
}

/** A typical use of a model, with its cost. */
export interface ModelExample extends Example {
  readonly model: string;
}

/** The purposes that are explained for an app without chat, in the order of the page. */
export const otherPurposes: readonly Capability[] = ['images', 'audio', 'embeddings'];

/**
 * Lists an example of this purpose for each model of a scope that has a price for the purpose, the cheapest first. The
 * list is empty when the scope does not allow the purpose.
 */
export function listExamples(
  tokens: readonly ScopeToken[],
  { capability, now }: { readonly capability: Capability; readonly now: Date },
  { models, prices }: Catalogues,
): readonly ModelExample[] {
  if (!tokens.some((token) => token.kind === 'capability' && token.capability === capability)) return [];
  return tokens
    .flatMap((token) => {
      if (token.kind === 'model') return models.find(token.upstream, token.modelId) ?? [];
      return token.kind === 'all-models' ? models.models.filter(({ upstream }) => upstream === token.upstream) : [];
    })
    .filter(({ capabilities }) => capabilities.includes(capability))
    .flatMap(({ upstream, id }) => {
      const price = prices.findPrice(upstream, id, now);
      const example = price && findExample(capability, price);
      return example === undefined ? [] : [{ ...example, model: nameModel(id) }];
    })
    .sort((a, b) => Number(a.cost - b.cost));
}
