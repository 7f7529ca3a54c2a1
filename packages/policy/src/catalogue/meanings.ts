import { type Model, models } from './models.js';

const byName = new Map(models.map((model) => [`${model.upstream}/${model.id}`, model]));

/** Our own entry for a name; an operator's models have no other names. */
export function findBuiltInModel({ upstream, id }: Pick<Model, 'upstream' | 'id'>): Model | undefined {
  return byName.get(`${upstream}/${id}`);
}

/**
 * All that a name may stand for: its versions, or what its alias points at. A name without either stands for itself.
 * Operators' models, too.
 */
export function listMeanings(name: Pick<Model, 'upstream' | 'id'>): readonly string[] {
  const model = findBuiltInModel(name);
  if (model?.aliasOf !== undefined) return model.aliasOf.flatMap((id) => listMeanings({ upstream: name.upstream, id }));
  return model?.versions ?? [name.id];
}

/** The one model that a name stands for at present, as far as that is known; itself where it is not. */
export function resolveModelId({ upstream, id }: Pick<Model, 'upstream' | 'id'>): string {
  const model = findBuiltInModel({ upstream, id });
  if (model?.aliasOf?.[0] !== undefined) return model.aliasOf[0];
  const [version, ...others] = model?.versions ?? [];
  return version === undefined || others.length > 0 ? id : version;
}
