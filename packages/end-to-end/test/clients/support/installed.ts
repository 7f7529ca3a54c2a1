/** Of the tools that `npm run test:clients` installs: the folder, or why there is none. */
export type Installed = { readonly directory: string } | { readonly missing: string };

/** @param name its kind and name, as in `clients` of package.json: `npm/opencode` */
export function findInstalled(name: string): Installed {
  const all = JSON.parse(process.env['INSTALLED_CLIENTS'] ?? '{}') as Readonly<Record<string, Installed>>;
  return all[name] ?? { missing: 'it is not in package.json' };
}
