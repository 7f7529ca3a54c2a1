import { models as builtInModels, isModelId, type Model } from './models.js';
import type { Upstream } from './upstreams.js';

/** The models that can be asked for and called: ours, and those that an operator adds. Made once, at start. */
export interface ModelCatalogue {
  readonly models: readonly Model[];
  readonly find: (upstream: Upstream, id: string) => Model | undefined;
}

/** What an operator adds to the catalogue. */
export interface OperatorCatalogue {
  /** One takes the place of ours with the same upstream and identifier. */
  readonly models?: readonly { readonly model: Model }[];
  /** Each stands in for all models of its vendor that are not known. */
  readonly unknownAs?: readonly ModelName[];
}

export type ModelName = Pick<Model, 'upstream' | 'id'>;

export function createModelCatalogue({ models = [], unknownAs = [] }: OperatorCatalogue = {}): ModelCatalogue {
  const byName = new Map(
    [...builtInModels, ...models.map(({ model }) => model)].map((model) => [`${model.upstream}/${model.id}`, model]),
  );
  const findUnknown = (upstream: Upstream, id: string): Model | undefined => {
    const name = unknownAs.find((reference) => reference.upstream === upstream);
    const reference = name && byName.get(`${upstream}/${name.id}`);
    return reference && isModelId(id) ? { upstream, id, capabilities: reference.capabilities } : undefined;
  };
  return {
    models: [...byName.values()],
    find: (upstream, id) => byName.get(`${upstream}/${id}`) ?? findUnknown(upstream, id),
  };
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
