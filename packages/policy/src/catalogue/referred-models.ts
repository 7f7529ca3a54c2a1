import { type Model, models } from './models.js';

const byName = new Map(models.map((model) => [`${model.upstream}/${model.id}`, model]));

/** Our catalogue's entry for a name. An operator's models have no versions and no aliases. */
export function findBuiltInModel({ upstream, id }: Pick<Model, 'upstream' | 'id'>): Model | undefined {
  return byName.get(`${upstream}/${id}`);
}

/**
 * All models that a name may refer to: its versions, or the models of an alias. A name that is not an alias and has no
 * versions refers only to the model of this name, and so does the name of an operator's model.
 */
export function listReferredModels(name: Pick<Model, 'upstream' | 'id'>): readonly string[] {
  const model = findBuiltInModel(name);
  if (model?.aliasOf !== undefined)
    return model.aliasOf.flatMap((id) => listReferredModels({ upstream: name.upstream, id }));
  return model?.versions ?? [name.id];
}

/**
 * The model that a name refers to at present; the name itself if it has several versions, or if no other model is
 * known.
 */
export function resolveModelId({ upstream, id }: Pick<Model, 'upstream' | 'id'>): string {
  const model = findBuiltInModel({ upstream, id });
  if (model?.aliasOf?.[0] !== undefined) return model.aliasOf[0];
  const [version, ...others] = model?.versions ?? [];
  return version === undefined || others.length > 0 ? id : version;
}
