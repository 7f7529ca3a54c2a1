import { readFileSync } from 'node:fs';
import { DEFAULT_SCHEMA, load, Type } from 'js-yaml';

export const root = new URL('../../../../', import.meta.url);

export interface Service {
  readonly image?: string;
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly volumes?: readonly string[];
  readonly command?: readonly string[];
  readonly ports?: readonly string[];
  readonly networks?: { readonly default: { readonly aliases: readonly string[] } };
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

/** Compose's mark for a list that replaces the one of an earlier file by nothing. */
const reset = new Type('!reset', { kind: 'sequence', construct: () => [] });

export function readServices(file: string): Services {
  const text = readFileSync(new URL(file, root), 'utf8');
  return (load(text, { schema: DEFAULT_SCHEMA.extend([reset]) }) as { services: Services }).services;
}

/** The services of docker-compose.yml and deploy/compose/ha.yml together, merged as Compose merges them. */
export function readHighlyAvailable(): Services {
  const base = readServices('docker-compose.yml');
  const added = Object.entries(readServices('deploy/compose/ha.yml')).map(([name, service]) => {
    const parent = base[service.extends?.service ?? name] ?? {};
    const environment = { ...parent.environment, ...service.environment };
    return [name, { ...parent, ...service, environment }] as const;
  });
  return { ...base, ...Object.fromEntries(added) };
}
