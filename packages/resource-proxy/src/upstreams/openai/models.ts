import type { Model } from '@aipassport/policy';
import type { ModelPage } from '../upstream-api.js';

/** Returns the list of models in the format of `GET /v1/models`. */
export function listOpenaiModels(models: readonly Model[], page: ModelPage): unknown {
  return { object: 'list', data: models.map((model) => describeOpenaiModel(model, page)) };
}

export function describeOpenaiModel(model: Model, { membersOf }: Pick<ModelPage, 'membersOf'>): unknown {
  return { id: model.id, object: 'model', created: 0, owned_by: model.upstream, ...membersOf(model) };
}
