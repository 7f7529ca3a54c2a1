import { models as builtInModels, type Model } from './models.js';
import type { Upstream } from './upstreams.js';

/** The models that can be asked for and called: ours, and those that an operator adds. Made once, at start. */
export interface ModelCatalogue {
  readonly models: readonly Model[];
  /** The one model that a bare identifier means; undefined when none does, or when two vendors share it. */
  readonly find: (id: string) => Model | undefined;
  readonly findOf: (upstream: Upstream, id: string) => Model | undefined;
}

/** A model of the operator's takes the place of ours with the same upstream and identifier. */
export function createModelCatalogue(operatorModels: readonly Model[] = []): ModelCatalogue {
  const byName = new Map(
    [...builtInModels, ...operatorModels].map((model) => [`${model.upstream}/${model.id}`, model]),
  );
  const models = [...byName.values()];
  const byId = Map.groupBy(models, ({ id }) => id);
  return {
    models,
    find: (id) => {
      const found = byId.get(id);
      return found?.length === 1 ? found[0] : undefined;
    },
    findOf: (upstream, id) => byName.get(`${upstream}/${id}`),
  };
}

/** Ours alone, for where no operator's models matter. */
export const builtInCatalogue = createModelCatalogue();
export const { find: findModel, findOf: findModelOf } = builtInCatalogue;
