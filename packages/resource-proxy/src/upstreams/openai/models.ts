import type { Model } from '@aipassport/policy';

/** Returns the list of models in the format of `GET /v1/models`. */
export function listOpenaiModels(models: readonly Model[]): unknown {
  return { object: 'list', data: models.map(describeOpenaiModel) };
}

export function describeOpenaiModel({ id, upstream }: Model): unknown {
  return { id, object: 'model', created: 0, owned_by: upstream };
}
