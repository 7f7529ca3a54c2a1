import { readFileSync } from 'node:fs';
import { DEFAULT_SCHEMA, load, Type } from 'js-yaml';

export const root = new URL('../../../../', import.meta.url);

export interface Service {
  readonly image?: string;
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly volumes?: readonly string[];
  readonly command?: readonly string[];
  readonly ports?: readonly string[];
  readonly networks?: readonly string[] | { readonly default: { readonly aliases: readonly string[] } };
  readonly network_mode?: string;
  readonly extends?: { readonly file: string; readonly service: string };
  readonly profiles?: readonly string[];
  readonly mem_limit?: string;
  readonly pids_limit?: number;
  readonly restart?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly logging?: { readonly driver: string; readonly options: Readonly<Record<string, string>> };
}

type Services = Readonly<Record<string, Service>>;

/** Compose's tag for an empty list that replaces the list of an earlier file. */
const reset = new Type('!reset', { kind: 'sequence', construct: () => [] });

export function readServices(file: string): Services {
  const text = readFileSync(new URL(file, root), 'utf8');
  return (load(text, { schema: DEFAULT_SCHEMA.extend([reset]) }) as { services: Services }).services;
}

/** The files of a deployment with everything. Compose merges them in this order. */
export const composeFiles = ['docker-compose.yml', 'deploy/compose/ha.yml', 'deploy/compose/backup.yml'];

/** The services of all files together, merged as Compose merges them. */
export function readAllServices(): Services {
  return composeFiles.map(readServices).reduce((base, next) => {
    const added = Object.entries(next).map(([name, service]) => {
      const parent = base[service.extends?.service ?? name] ?? {};
      const environment = { ...parent.environment, ...service.environment };
      const volumes = [...(parent.volumes ?? []), ...(service.volumes ?? [])];
      return [name, { ...parent, ...service, environment, volumes }] as const;
    });
    return { ...base, ...Object.fromEntries(added) };
  });
}
