import type { UpstreamCatalogue } from '@aipassport/policy';

/**
 * Lists the paths of the SDKs' base URLs, and `/`. The paths of operations begin with the path of a base URL, but a
 * request for a base URL itself is not forwarded. Some tools send such a request first, to check that the server
 * answers.
 */
export function listBasePaths({ entries }: UpstreamCatalogue): ReadonlySet<string> {
  const roots = entries.flatMap(({ name, interfaces }) =>
    ['', ...interfaces.flatMap((spoken) => spoken.roots)].map((root) => `/${name}${root}`),
  );
  return new Set(['/', ...roots.flatMap((root) => [root, `${root}/`])]);
}
