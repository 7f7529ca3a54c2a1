/** The folder of a tool that `npm run test:clients` installs, or the reason why it is not installed. */
export type Installed = { readonly directory: string } | { readonly missing: string };

/** @param name its kind and name, as in `clients` of package.json: `npm/opencode` */
export function findInstalled(name: string): Installed {
  const all = JSON.parse(process.env['INSTALLED_CLIENTS'] ?? '{}') as Readonly<Record<string, Installed>>;
  return all[name] ?? { missing: 'it is not in package.json' };
}
