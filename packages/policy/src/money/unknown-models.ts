import { withDefault } from '@aipassport/contracts';
import { findBareModel, type ModelName } from '../catalogue/model-catalogue.js';
import { isModelId } from '../catalogue/models.js';
import { isUpstreamName } from '../catalogue/upstreams.js';

const form = '`refuse`, or `price-as:` and known models, at most one for each AI provider, separated by commas';

/** The setting for models without a known price. Both servers must have the same value. */
export const unknownModels = {
  UNKNOWN_MODELS: withDefault({ form, parse: parseUnknownModels }, 'refuse', {
    description:
      'Whether models that have no known price are refused. With `price-as:<model>`, such models of the same AI provider are served and counted at the price of this model. Choose a model that costs at least as much as they do. Both servers must have the same value.',
  }),
};

/** @returns the models whose price and limits unknown models get. Empty: unknown models are refused. */
function parseUnknownModels(value: string): readonly ModelName[] {
  if (value === 'refuse') return [];
  if (!value.startsWith('price-as:')) throw new Error(`must be ${form}`);
  const names = value.slice('price-as:'.length).split(',').map(parseModelName);
  const known = names.filter((name) => name !== undefined);
  const vendors = new Set(known.map(({ upstream }) => upstream));
  if (vendors.size !== names.length) throw new Error(`must be ${form}`);
  return known;
}

/** Reads a model's identifier, alone or with its upstream in front, as in a scope. Its price is looked up later. */
function parseModelName(text: string): ModelName | undefined {
  const name = text.trim().replace(/^price-as:/, '');
  const slash = name.indexOf('/');
  if (slash === -1) return findBareModel(name);
  const upstream = name.slice(0, slash);
  const id = name.slice(slash + 1);
  return isUpstreamName(upstream) && isModelId(id) ? { upstream, id } : undefined;
}
