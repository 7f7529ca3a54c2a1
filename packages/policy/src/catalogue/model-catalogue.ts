import { isExcluded } from './listed-models.js';
import { models as builtInModels, isModelId, type Model } from './models.js';
import { createUpstreamCatalogue, type UpstreamCatalogue } from './upstream-catalogue.js';
import { builtInUpstreams, type Upstream, type UpstreamEntry } from './upstreams.js';

/** The models that clients can ask for and call: our models and the operator's models. Created once, at start. */
export interface ModelCatalogue {
  readonly upstreams: UpstreamCatalogue;
  readonly models: readonly Model[];
  readonly find: (upstream: Upstream, id: string) => Model | undefined;
}

/** What an operator adds to the catalogue. */
export interface OperatorCatalogue {
  readonly upstreams?: readonly UpstreamEntry[];
  /** A model of the operator replaces our model that has the same upstream and identifier. */
  readonly models?: readonly { readonly model: Model }[];
  /** Names of models whose price, limits and capabilities are used for all unknown models of the same upstream. */
  readonly unknownAs?: readonly ModelName[];
}

export type ModelName = Pick<Model, 'upstream' | 'id'>;

export function createModelCatalogue({
  upstreams = [],
  models = [],
  unknownAs = [],
}: OperatorCatalogue = {}): ModelCatalogue {
  const isReplaced = ({ upstream }: Model): boolean => upstreams.some(({ name }) => name === upstream);
  const byName = new Map(
    [...builtInModels.filter((model) => !isReplaced(model)), ...models.map(({ model }) => model)].map((model) => [
      `${model.upstream}/${model.id}`,
      model,
    ]),
  );
  const catalogue = createUpstreamCatalogue(upstreams);
  const findUnknown = (upstream: Upstream, id: string): Model | undefined => {
    const name = unknownAs.find((reference) => reference.upstream === upstream);
    const reference = name && byName.get(`${upstream}/${name.id}`);
    const entry = catalogue.find(upstream);
    const isPossible = isModelId(id) && entry !== undefined && !isExcluded(entry, id);
    return reference && isPossible ? { upstream, id, capabilities: reference.capabilities } : undefined;
  };
  return {
    upstreams: catalogue,
    models: [...byName.values()],
    find: (upstream, id) => byName.get(`${upstream}/${id}`) ?? findUnknown(upstream, id),
  };
}

const withBareNames = new Set<Upstream>(
  builtInUpstreams.filter((entry: UpstreamEntry) => entry.hasBareNames).map(({ name }) => name),
);
const builtInById = Map.groupBy(
  builtInModels.filter(({ upstream }) => withBareNames.has(upstream)),
  ({ id }) => id,
);

/**
 * Finds our model for an identifier without an upstream. Only the vendors with `hasBareNames` have such names, so a new
 * vendor never makes a name ambiguous. This function never finds a model of the operator: the name of such a model must
 * begin with its upstream. Otherwise a change of the operator's file could change the meaning of a granted scope.
 *
 * @returns undefined when no vendor, or more than one, has the identifier
 */
export function findBareModel(id: string): Model | undefined {
  const found = builtInById.get(id);
  return found?.length === 1 ? found[0] : undefined;
}
