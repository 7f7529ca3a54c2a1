import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { environment as authorizationServer } from '@aipassport/authorization-server/environment';
import { knownVariables } from '@aipassport/contracts';
import { environment as resourceProxy } from '@aipassport/resource-proxy/environment';
import { expect, it } from '@jest/globals';
import { load } from 'js-yaml';
import { locateKeyFiles } from '../src/keys/key-files.js';
import { locateDatabaseFiles } from '../src/keys/make-database-secrets.js';
import { composeFiles, readAllServices, root } from './compose-files.js';

const find = (...patterns: readonly string[]) => globSync(patterns, { cwd: fileURLToPath(root) });
const read = (file: string) => readFileSync(new URL(file, root), 'utf8');
const services = readAllServices();
const compose = composeFiles.map(read).join('\n');
const operations = read('docs/operations.md');
const specifications = find('openapi/*.yaml').map(read).join('\n');
const chart = 'deploy/helm/aipassport';
const templates = find(`${chart}/templates/*`).map(read).join('\n');
const values = load(read(`${chart}/values.yaml`)) as Readonly<Record<string, unknown>>;
const dockerfile = read('Dockerfile');
const scripts = find('deploy/backup/*.sh').map((file) => file.replace('deploy/backup/', ''));
const dashboard = read('deploy/grafana/aipassport.json');
const prometheus = load(read('deploy/prometheus/prometheus.yml')) as {
  readonly scrape_configs: readonly { readonly job_name: string }[];
};

/**
 * The ports on which our servers listen by default, and the port at which the chart and the compose files let them
 * serve metrics.
 */
const ports = [
  authorizationServer.variables.PORT.defaultText,
  resourceProxy.variables.PORT.defaultText,
  services['resource-proxy']?.environment?.['METRICS_PORT'],
];

/** One kind of name: the text that contains such names, their pattern, and which names exist. */
interface Kind {
  readonly text: string;
  /** Its first group is the name. */
  readonly pattern: RegExp;
  readonly exists: (name: string) => boolean;
}

const kinds: Readonly<Record<string, Kind>> = {
  'a program in the compose files, the Dockerfile or the chart': {
    text: `${compose}\n${dockerfile}\n${templates}`,
    pattern: /\b(packages\/[\w/-]+\.js)\b/g,
    exists: (name) => find(name).length === 1,
  },
  'a file or folder that the Dockerfile copies from the checkout': {
    text: dockerfile,
    pattern: /^COPY (?!--from)([\w./-]+) /gm,
    exists: (name) => find(name).length === 1,
  },
  'a stage that the Dockerfile copies from or builds on, or that a compose file or docs/operations.md builds': {
    text: `${dockerfile}\n${compose}\n${operations}`,
    pattern: /(?:--from=|^FROM (?!\$)|target: |--target )([a-z][a-z-]*)/gm,
    exists: (name) => new RegExp(`^FROM .* AS ${name}$`, 'm').test(dockerfile),
  },
  'a secret file in the compose files': {
    text: compose,
    pattern: /: (\/secrets\/[\w-]+\/[\w.-]+)$/gm,
    exists: (name) => [locateKeyFiles('/secrets'), locateDatabaseFiles('/secrets')].flatMap(listTexts).includes(name),
  },
  'a secret directory that a compose file mounts': {
    text: compose,
    pattern: /:(\/secrets\/[\w-]+)\b/g,
    exists: (name) =>
      [locateKeyFiles('/secrets'), locateDatabaseFiles('/secrets')]
        .flatMap(listTexts)
        .some((file) => file.startsWith(`${name}/`)),
  },
  'a container that a compose file waits for or extends': {
    text: compose,
    pattern: /^ {6}([a-z][a-z-]*): \{ condition:|service: ([a-z-]+) \}/gm,
    exists: (name) => name in services,
  },
  'an address inside the network of the compose files, with its port': {
    text: `${compose}\n${read('deploy/grafana/provisioning/datasources/prometheus.yml')}`,
    pattern: /https?:\/\/((?!localhost|127\.)[a-z][a-z-]*:\d+)/g,
    exists: (name) => {
      const [host = '', port = ''] = name.split(':');
      const { environment, ports = [] } = services[host] ?? {};
      return environment?.['PORT'] === port || ports.some((published) => published.endsWith(`:${port}`));
    },
  },
  'a volume that a compose file mounts': {
    text: compose,
    pattern: /(?:- |\[?')([a-z][a-z-]*):\/(?!\/)/g,
    exists: (name) => new RegExp(`^ {2}${name}: \\{\\}$`, 'm').test(compose),
  },
  'an address of a health check in a deployment file': {
    text: `${compose}\n${read('deploy/compose/Caddyfile')}\n${templates}`,
    pattern: /(\/health\/\w+)/g,
    exists: (name) => specifications.includes(`  ${name}:\n`),
  },
  'a script of deploy/backup': {
    text: `${find('deploy/backup/*.sh').map(read).join('\n')}\n${compose}\n${operations}`,
    pattern: /(?<![\w-])([a-z]+(?:-[a-z]+)*\.sh)\b/g,
    exists: (name) => scripts.includes(name),
  },
  'a value in a template of the chart': {
    text: templates,
    pattern: /\.Values((?:\.\w+)+)/g,
    exists: (name) => readPath(values, name) !== undefined,
  },
  'a definition that a template of the chart includes': {
    text: templates,
    pattern: /include "([\w.]+)"/g,
    exists: (name) => templates.includes(`{{- define "${name}" -}}`),
  },
  'a port that a template of the chart names': {
    text: templates,
    pattern: /(?:targetPort|port): ([a-z]+) \}/g,
    exists: (name) => new RegExp(`\\{ name: ${name}, containerPort:`).test(templates),
  },
  'the number of a port of ours in a template of the chart': {
    text: templates,
    pattern: /\b([49]\d{3})\b/g,
    exists: (name) => ports.includes(name),
  },
  'the port of a server that a compose file publishes': {
    text: compose,
    pattern: /:-\d+\}:(\d+)'/g,
    exists: (name) => ports.includes(name),
  },
  'a job of Prometheus in an alert or on the dashboard': {
    text: `${read('deploy/prometheus/alerts.yml')}\n${dashboard}`,
    pattern: /\bjob=~?\\?"([\w|-]+)/g,
    exists: (name) => prometheus.scrape_configs.some(({ job_name: job }) => job === name),
  },
  'a variable of the dashboard': {
    text: dashboard,
    pattern: /\$\{?(?!__)(\w+)\}?/g,
    exists: (name) => dashboard.includes(`"name": "${name}",\n        "type": "datasource"`),
  },
  'a setting in the text of docs/operations.md': {
    text: operations,
    pattern: /`([A-Z]+(?:_[A-Z]+)+)(?:=[^`]*)?`/g,
    exists: (name) => knownVariables.has(name) || ofOthers.includes(name),
  },
};

/** Settings in docs/operations.md that other programs read, or that an operator names. */
const ofOthers = [
  'ALERTMANAGER_FILE',
  'COMPOSE_FILE',
  'COMPOSE_PROFILES',
  'STOP_GRACE_PERIOD',
  'BACKUP_DIRECTORY',
  'NODE_OPTIONS',
  'NODE_IMAGE',
  'ACME_API_KEY',
  '_API_KEY',
];

function listNames({ text, pattern }: Kind): readonly string[] {
  return [...text.matchAll(pattern)].flatMap(([, first, second]) => (first ?? second ?? '').split('|'));
}

it.each(Object.entries(kinds))('%s exists', (_, kind) => {
  const names = listNames(kind);
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name) => !kind.exists(name))).toEqual([]);
});

it.each(Object.entries(kinds))('%s is noticed when it does not exist', (_, kind) => {
  const [name = ''] = listNames(kind);
  // another letter at the end, before an ending such as `.js` or a port
  const invented = /^\d+$/.test(name)
    ? name.replace(/\d$/, '7')
    : name.replace(/\w(?=(?:\.\w+|:\d+)?$)/, (letter) => (letter === letter.toUpperCase() ? 'QQ' : 'qq'));
  const names = listNames({ ...kind, text: kind.text.replaceAll(name, invented) });
  expect(names.filter((each) => !kind.exists(each))).not.toEqual([]);
});

it('every value of the chart is used by a template', () => {
  const isUsed = (path: string) => {
    const names = path.split('.');
    return templates.includes(`.${names.at(-1)}`) || names.some((name) => templates.includes(`toYaml .values.${name}`));
  };
  const unused = listPaths(values).filter((path) => !isUsed(path));
  expect(unused).toEqual([]);
});

function readPath(value: unknown, path: string): unknown {
  return path
    .split('.')
    .filter((name) => name !== '')
    .reduce<unknown>((inner, name) => (inner as Readonly<Record<string, unknown>> | undefined)?.[name], value);
}

function listPaths(value: unknown, path = ''): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || Object.keys(value).length === 0)
    return [path];
  return Object.entries(value).flatMap(([name, inner]) => listPaths(inner, path === '' ? name : `${path}.${name}`));
}

function listTexts(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(listTexts) : [];
}
