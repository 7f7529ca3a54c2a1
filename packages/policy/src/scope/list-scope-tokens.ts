import { capabilities } from '../catalogue/capabilities.js';
import type { ModelCatalogue } from '../catalogue/model-catalogue.js';
import { formatModelToken } from './scope-token.js';

/** Every scope token that clients can ask for, as metadata lists them (RFC 8414, RFC 9728). */
export function listScopeTokens({ models, upstreams }: ModelCatalogue): readonly string[] {
  return [
    ...models.map(formatModelToken),
    ...upstreams.entries.map(({ name }) => `model:${name}/*`),
    ...capabilities.map((capability) => `cap:${capability}`),
  ];
}
