import type { UpstreamCatalogue } from '@aipassport/policy';

/**
 * Lists the base URLs of the SDKs. Operations' paths begin with them, but they are not forwarded themselves. Some tools
 * request them first to check that the server answers.
 */
export function listBasePaths({ entries }: UpstreamCatalogue): ReadonlySet<string> {
  const roots = entries.flatMap(({ name, interfaces }) =>
    ['', ...interfaces.flatMap((spoken) => spoken.roots)].map((root) => `/${name}${root}`),
  );
  return new Set(['/', ...roots.flatMap((root) => [root, `${root}/`])]);
}
