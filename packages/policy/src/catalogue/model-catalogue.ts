import { models as builtInModels, type Model } from './models.js';
import type { Upstream } from './upstreams.js';

/** The models that can be asked for and called: ours, and those that an operator adds. Made once, at start. */
export interface ModelCatalogue {
  readonly models: readonly Model[];
  readonly find: (upstream: Upstream, id: string) => Model | undefined;
}

/** A model of the operator's takes the place of ours with the same upstream and identifier. */
export function createModelCatalogue(operatorModels: readonly Model[] = []): ModelCatalogue {
  const byName = new Map(
    [...builtInModels, ...operatorModels].map((model) => [`${model.upstream}/${model.id}`, model]),
  );
  return { models: [...byName.values()], find: (upstream, id) => byName.get(`${upstream}/${id}`) };
}

const builtInById = Map.groupBy(builtInModels, ({ id }) => id);

/**
 * The one model of ours that a bare identifier means; undefined when none does, or when two vendors share it. Those of
 * an operator have no bare names: what a granted scope means must not change with a file.
 */
export function findBareModel(id: string): Model | undefined {
  const found = builtInById.get(id);
  return found?.length === 1 ? found[0] : undefined;
}
