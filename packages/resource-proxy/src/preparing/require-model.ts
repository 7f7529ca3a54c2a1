import type { Model, ModelCatalogue, Operation } from '@aipassport/policy';
import { Denied } from '../denials/denial.js';
import type { JsonObject, JsonValue } from '../json/read-strict-json.js';

/**
 * Finds the model with exactly this name. Upper and lower case must match, and a prefix such as `models/` is not
 * removed. Names that are not in the catalogue are accepted only if the operator allows them (`UNKNOWN_MODELS`).
 * @throws Denied when there is no such model, or when it does not suit the operation
 */
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

/** How a request with a body may name its model. */
export interface ModelNaming {
  readonly models: ModelCatalogue;
  readonly operation: Operation;
  /** The model that the path names; undefined for operations that name it in their body. */
  readonly pathModel?: string | undefined;
}

/**
 * Finds the model of a body. If the body names none, the operation's default is written into the body, so that the
 * vendor uses the model that was checked.
 */
export function requireModelOf(body: JsonObject, { models, operation, pathModel }: ModelNaming): Model {
  if (operation.defaultModel !== undefined) body.model ??= operation.defaultModel;
  return requireModel(models, operation, pathModel ?? body.model);
}
