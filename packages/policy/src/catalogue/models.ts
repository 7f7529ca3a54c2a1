import { aliases } from './aliases.js';
import type { Capability } from './capabilities.js';
import type { Group } from './group.js';
import { listServedModels } from './listed-models.js';
import { names } from './names.js';
import type { Upstream, UpstreamEntry } from './upstream-entry.js';
import { builtInUpstreams } from './upstreams.js';

/**
 * A model under one name, which clients can ask access for and send in requests. The proxy forwards the name as the
 * client wrote it, and the vendor resolves it.
 */
export interface Model {
  readonly upstream: Upstream;
  /** The vendor's own identifier. It must match byte for byte. */
  readonly id: string;
  /** The capabilities that requests to this model can use. `files` is not one of them: it needs no model. */
  readonly capabilities: readonly Capability[];
  /** The versions that the vendor may serve under this name, at its price. */
  readonly versions?: readonly string[];
  /** For an alias: the models that it may refer to, the current one first. */
  readonly aliasOf?: readonly string[];
}

/**
 * Whether a text is short and has no space or asterisk, so that a scope can name it. Some vendors name a model by its
 * maker and its name, with slashes between them.
 */
export function isModelId(text: string): boolean {
  return text.length <= 128 && /^[A-Za-z0-9_.:-]+(?:\/[A-Za-z0-9_.:-]+){0,3}$/.test(text);
}

const groupCapabilities: Readonly<Record<Group, readonly Capability[]>> = {
  chat: ['chat', 'code', 'tools.web'],
  /** Chat models without tools of the vendor. They may open links in a request. */
  plainChat: ['chat', 'tools.web'],
  /** Models that continue a text or check its content. They have no separate capability: `cap:chat` covers them. */
  completions: ['chat'],
  moderation: ['chat'],
  /** Chat models that answer with text and pictures. */
  pictures: ['chat', 'images'],
  embeddings: ['embeddings'],
  images: ['images'],
  audio: ['audio'],
};

export const models: readonly Model[] = builtInUpstreams.flatMap(listModels);

function listModels(entry: UpstreamEntry): readonly Model[] {
  const upstream = entry.name;
  const named = Object.entries(names[upstream] ?? {}).flatMap(([group, members]) => {
    const capabilities = groupCapabilities[group as Group]; // the keys of `names` are groups
    return Object.entries(members).flatMap(([id, versions]): Model[] => [
      { upstream, id, capabilities, ...(versions.length > 0 && { versions }) },
      ...versions.map((version) => ({ upstream, id: version, capabilities })),
    ]);
  });
  const ofAliases = aliases[upstream] ?? {};
  const listed = listServedModels(entry)
    .filter(({ id }) => !Object.hasOwn(ofAliases, id))
    .map(({ id, group }): Model => ({ upstream, id, capabilities: groupCapabilities[group] }));
  const known = [...named, ...listed];
  const aliased = Object.entries(ofAliases).map(([id, aliasOf]): Model => {
    const target = known.find((model) => model.id === aliasOf[0]);
    if (target === undefined) throw new Error(`the alias ${id} refers to no known model`);
    return { upstream, id, capabilities: target.capabilities, aliasOf };
  });
  return [...known, ...aliased];
}
