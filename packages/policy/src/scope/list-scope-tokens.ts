import { capabilities } from '../catalogue/capabilities.js';
import type { ModelCatalogue } from '../catalogue/model-catalogue.js';
import { formatModelToken } from './scope-token.js';

/** The scope tokens of all models, AI providers and capabilities, as metadata lists them (RFC 8414, RFC 9728). */
export function listScopeTokens({ models, upstreams }: ModelCatalogue): readonly string[] {
  return [
    ...models.map(formatModelToken),
    ...upstreams.entries.map(({ name }) => `model:${name}/*`),
    ...capabilities.map((capability) => `cap:${capability}`),
  ];
}
