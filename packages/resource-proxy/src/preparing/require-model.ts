import type { Model, ModelCatalogue, Operation } from '@aipassport/policy';
import { Denied } from '../denials/denial.js';
import type { JsonValue } from '../json/read-strict-json.js';

/** The name must be byte for byte the catalogue's, without a prefix and in the same case. */
export function requireModel(
  models: ModelCatalogue,
  { upstream, modelsPath, capability }: Operation,
  name: JsonValue | undefined,
): Model {
  if (typeof name !== 'string' || name === '') throw new Denied({ reason: 'model_missing' });
  const model = models.find(upstream, name);
  if (model === undefined) throw new Denied({ reason: 'model_unknown', of: { upstream, modelsPath } });
  if (capability !== undefined && !model.capabilities.includes(capability)) {
    throw new Denied({ reason: 'model_unsuited', capability });
  }
  return model;
}
