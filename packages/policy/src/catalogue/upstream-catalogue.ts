import { listOperations, type Operation } from '../operations/list-operations.js';
import { builtInUpstreams, type Upstream, type UpstreamEntry } from './upstreams.js';

/**
 * The upstreams of this instance: the built-in upstreams, and the upstreams that the operator adds. An upstream of the
 * operator replaces the built-in one of the same name. Created once, at start.
 */
export interface UpstreamCatalogue {
  /** In the order in which people see them. */
  readonly entries: readonly UpstreamEntry[];
  readonly operations: readonly Operation[];
  readonly find: (name: string) => UpstreamEntry | undefined;
  /** The vendor's own name for itself. For an upstream that the operator has removed, the upstream's name. */
  readonly labelOf: (name: Upstream) => string;
}

export function createUpstreamCatalogue(added: readonly UpstreamEntry[] = []): UpstreamCatalogue {
  const isReplaced = ({ name }: UpstreamEntry): boolean => added.some((entry) => entry.name === name);
  const entries: readonly UpstreamEntry[] = [...builtInUpstreams.filter((entry) => !isReplaced(entry)), ...added];
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  return {
    entries,
    operations: entries.flatMap(listOperations),
    find: (name) => byName.get(name),
    labelOf: (name) => byName.get(name)?.label ?? name,
  };
}
