import type { UpstreamCatalogue } from '@aipassport/policy';

/**
 * The base URLs of the SDKs: they begin as the paths of operations do, and are not forwarded. Some tools ask there first
 * whether anything answers.
 */
export function listBasePaths({ entries }: UpstreamCatalogue): ReadonlySet<string> {
  const roots = entries.flatMap(({ name, interfaces }) =>
    ['', ...interfaces.flatMap((spoken) => spoken.roots)].map((root) => `/${name}${root}`),
  );
  return new Set(['/', ...roots.flatMap((root) => [root, `${root}/`])]);
}
