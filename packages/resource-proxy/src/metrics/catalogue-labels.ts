import type { Model, ModelCatalogue, ModelName, Upstream } from '@aipassport/policy';

declare const isFromCatalogue: unique symbol;
/** A name from the catalogue of models. Only this file makes values of this type. */
type CatalogueName = string & { readonly [isFromCatalogue]: true };

/** `none`: the request has no known path, so it has no upstream. */
export type UpstreamLabel = CatalogueName | 'none';
/** `other`: the catalogue does not name the model. `none`: the request names no model. */
export type ModelLabel = CatalogueName | 'other' | 'none';

/** Turns upstreams and models into values of labels. */
export interface CatalogueLabels {
  readonly upstream: (name: Upstream | undefined) => UpstreamLabel;
  readonly model: (model: ModelName | undefined) => ModelLabel;
}

/**
 * Only names from the catalogue become values of labels, because the catalogue does not change while the server runs. A
 * client can send other names, such as an unknown model that is served at the price of another one.
 */
export function createCatalogueLabels({
  models,
  upstreams,
}: Pick<ModelCatalogue, 'models' | 'upstreams'>): CatalogueLabels {
  const upstreamNames = new Set(upstreams.entries.map(({ name }) => name));
  const modelNames = new Set(models.map(keyOf));
  return {
    upstream: (name) => (name !== undefined && upstreamNames.has(name) ? (name as UpstreamLabel) : 'none'),
    model: (model) => {
      if (model === undefined) return 'none';
      return modelNames.has(keyOf(model)) ? (model.id as CatalogueName) : 'other';
    },
  };
}

function keyOf({ upstream, id }: Pick<Model, 'upstream' | 'id'>): string {
  return `${upstream}/${id}`;
}
