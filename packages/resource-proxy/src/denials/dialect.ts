import type { Dialect, Operation, UpstreamCatalogue } from '@aipassport/policy';

/**
 * The format of an error: for the paths of an upstream, the upstream's dialect; for all other paths, the format of
 * OAuth.
 */
export type ErrorDialect = Dialect | 'oauth';

/** Finds the dialect of a raw request target, whether or not it is served. */
export type DialectReader = (target: string) => ErrorDialect;

/**
 * If an upstream has several dialects, the dialect is that of the operation whose parent path is the longest prefix of
 * the target.
 */
export function createDialectReader({ entries, operations }: UpstreamCatalogue): DialectReader {
  const prefixes = new Map<string, Dialect>();
  for (const { name, interfaces } of entries) prefixes.set(`/${name}/`, interfaces[0].dialect);
  for (const operation of operations) {
    const prefix = listParent(operation);
    if (!prefixes.has(prefix)) prefixes.set(prefix, operation.dialect);
  }
  const sorted = [...prefixes].sort(([one], [other]) => other.length - one.length);
  return (target) => sorted.find(([prefix]) => target.startsWith(prefix))?.[1] ?? 'oauth';
}

function listParent({ path }: Operation): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}
