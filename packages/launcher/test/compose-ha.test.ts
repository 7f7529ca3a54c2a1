import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { environment as authorizationServer } from '@aipassport/authorization-server/environment';
import { knownVariables, type Variable } from '@aipassport/contracts';
import { environment as resourceProxy } from '@aipassport/resource-proxy/environment';
import { describe, expect, it } from '@jest/globals';
import { load } from 'js-yaml';
import { composeFiles, readAllServices, root, type Service } from './compose-files.js';

const read = (file: string) => readFileSync(new URL(file, root), 'utf8');
const services = readAllServices();
const caddyfile = read('deploy/compose/Caddyfile').replaceAll(/^\s*#.*$/gm, '');

const kinds: Readonly<Record<string, Readonly<Record<string, Variable<unknown>>>>> = {
  'authorization-server': authorizationServer.variables,
  'resource-proxy': resourceProxy.variables,
};
const replicasOf = (kind: string) => Object.keys(services).filter((name) => name.replace(/-\d$/, '') === kind);
/** Containers of third-party programs, with the settings of those programs. */
const foreign = ['postgres', 'backup-volume', 'caddy', 'prometheus', 'alertmanager', 'grafana'];

describe('the settings in the compose files', () => {
  it('belong to the server that gets them, and each secret can also be given as a file', () => {
    for (const [kind, declared] of Object.entries(kinds)) {
      const secrets = Object.keys(declared).filter((name) => declared[name]?.secret);
      expect(secrets.length).toBeGreaterThan(2);
      for (const replica of replicasOf(kind)) {
        const given = Object.keys(services[replica]?.environment ?? {});
        const unknown = given.filter((name) => !(name in declared) && !secrets.includes(name.replace(/_FILE$/, '')));
        expect([replica, unknown]).toEqual([replica, []]);
        expect([replica, secrets.filter((name) => !given.includes(`${name}_FILE`))]).toEqual([replica, []]);
      }
    }
  });

  it('are each read by one of our programs, including those of jobs and those with values from .env', () => {
    const given = Object.entries(services).flatMap(([name, { environment = {} }]) =>
      foreign.includes(name) ? [] : Object.keys(environment),
    );
    const taken = composeFiles.flatMap((file) =>
      [...read(file).matchAll(/(?<!\$)\$\{(\w+)/g)].map(([, name = '']) => name),
    );
    expect(taken.length).toBeGreaterThan(10);
    const ofCompose = ['STOP_GRACE_PERIOD', 'ALERTMANAGER_FILE', 'SOURCE_COMMIT', 'BUILDER_ID'];
    expect(
      [...given, ...taken].filter(
        (name) => !knownVariables.has(name) && !ofCompose.includes(name) && !name.endsWith('_IMAGE'),
      ),
    ).toEqual([]);
  });

  it('are the same for both servers of a kind; TRUSTED_PROXY_HOPS is 1, because Caddy is one proxy', () => {
    for (const kind of Object.keys(kinds)) {
      const [first, second, ...others] = replicasOf(kind).map((name) => services[name]?.environment);
      expect(others).toEqual([]);
      expect(second).toEqual(first);
      expect(first).toMatchObject({ TRUSTED_PROXY_HOPS: '${TRUSTED_PROXY_HOPS:-1}' });
    }
  });
});

it('a command in the documentation that starts or stops a server by its name also names the second server of that kind', () => {
  const blocks = [...read('docs/operations.md').matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block);
  const listNamed = (block: string) =>
    [...block.matchAll(/docker compose (?:up|start|stop|restart|kill)\b([^\n#;&|]*)/g)].flatMap(([, words = '']) =>
      words.split(/\s+/).filter((word) => word.replace(/-\d$/, '') in kinds),
    );
  const named = blocks.map(listNamed).filter((names) => names.length > 0);
  expect(named.length).toBeGreaterThan(1);
  for (const names of named)
    for (const name of names) expect(names).toEqual(expect.arrayContaining(replicasOf(name.replace(/-\d$/, ''))));
});

it('every service has limits of memory, of processes and of its log, and no capabilities or writable image', () => {
  for (const [name, service] of Object.entries(services)) {
    expect([name, service.mem_limit]).toEqual([name, expect.stringMatching(/^\d+[mg]$/)]);
    expect([name, service.pids_limit]).toEqual([name, expect.any(Number)]);
    expect([name, service.logging?.options]).toEqual([name, { 'max-size': '10m', 'max-file': '5' }]);
    expect([name, service.cap_drop]).toEqual([name, ['ALL']]);
    expect([name, service.read_only ?? name === 'postgres']).toEqual([name, true]);
  }
});

it('every file and directory that a compose file names exists', () => {
  const mounted = Object.values(services).flatMap(({ volumes = [] }) => volumes);
  const named = mounted.flatMap((volume) => /^(?:\$\{\w+:-)?(\.\/[^:}]+)/.exec(volume)?.[1] ?? []);
  expect(named).toContain('./deploy/compose/Caddyfile');
  expect(named.filter((file) => !existsSync(fileURLToPath(new URL(file, root))))).toEqual([]);
});

it('the script and the directory that PostgreSQL archives with are in its container', () => {
  const { command = [], environment = {}, volumes = [] } = services['postgres'] ?? {};
  const [, script = ''] = /^archive_command=(\S+) %p %f$/.exec(command.at(-1) ?? '') ?? [];
  const mounts = volumes.map((volume) => volume.split(':'));
  const [from = ''] = mounts.find(([, target]) => target === path.dirname(script)) ?? [];
  expect(existsSync(fileURLToPath(new URL(path.join(from, path.basename(script)), root)))).toBe(true);
  expect(mounts.map(([, target]) => target)).toContain(environment['BACKUP_DIRECTORY']);
});

it('only Caddy is published to other machines', () => {
  const open = Object.entries(services).filter(([, { ports = [] }]) =>
    ports.some((it) => !it.startsWith('127.0.0.1:')),
  );
  expect(open.map(([name]) => name)).toEqual(['caddy']);
  for (const kind of Object.keys(kinds))
    for (const name of replicasOf(kind)) expect([name, services[name]?.ports]).toEqual([name, []]);
});

function readAliases({ networks }: Service = {}): readonly string[] {
  return networks !== undefined && 'default' in networks ? networks.default.aliases : [];
}

it('third parties’ images have exact versions, so that two deployments of one commit run the same programs', () => {
  const images = Object.entries(services).flatMap(([name, { image: named = '' }]) => {
    // an image may be given as `${NAME:-image}`, so that an operator can choose another one, for example by its digest
    const image = /^\$\{\w+:-(.+)\}$/.exec(named)?.[1] ?? named;
    // PostgreSQL has no exact version: its minor versions only fix bugs and never change the format of its files
    return /^(aipassport|postgres:17-)/.test(image) ? [] : [[name, image] as const];
  });
  expect(images.map(([name]) => name)).toEqual(['caddy', 'prometheus', 'alertmanager', 'grafana']);
  for (const [name, image] of images) expect([name, image]).toEqual([name, expect.stringMatching(/:v?\d+\.\d+\.\d+$/)]);
});

describe('Caddy', () => {
  it('sends requests to each of the servers, by the server’s own host name and port', () => {
    const destinations = [...caddyfile.matchAll(/reverse_proxy (.*) \{/g)].map(([, list = '']) => list.split(' '));
    const expected = Object.keys(kinds).map((kind) =>
      replicasOf(kind).map((name, index) => {
        const ownName = `${kind}-${index + 1}`;
        const aliases = readAliases(services[name]);
        expect([name, ...aliases]).toContain(ownName);
        // the other containers and Prometheus find both servers under the name of the kind
        expect([name, ...aliases]).toContain(kind);
        return `${ownName}:${services[name]?.environment?.['PORT']}`;
      }),
    );
    expect(destinations).toEqual(expected);
  });

  it('gets each variable that its file uses', () => {
    const used = [...caddyfile.matchAll(/\{\$(\w+)\}/g)].map(([, name]) => name);
    expect(used).toEqual(['ISSUER', 'RESOURCE_PROXY_URL']);
    expect(Object.keys(services['caddy']?.environment ?? {})).toEqual(used);
  });
});

it('the simulated AI providers listen at the URL that a comment in the compose file names', () => {
  const { profiles, environment, command = [] } = services['simulated-upstream'] ?? {};
  expect(profiles).toEqual(['simulated']);
  expect(read('docker-compose.yml')).toContain(`http://simulated-upstream:${environment?.['PORT']} with the profile`);
  const program = command.at(-1) ?? '';
  expect(existsSync(fileURLToPath(new URL(program, root)))).toBe(true);
});

it('Grafana shows the dashboard of this checkout, with the Prometheus of this file, which sends alerts to its Alertmanager', () => {
  const directory = 'deploy/grafana/provisioning';
  const { datasources } = load(read(`${directory}/datasources/prometheus.yml`)) as {
    readonly datasources: readonly { readonly url: string; readonly isDefault: boolean }[];
  };
  expect(datasources).toEqual([expect.objectContaining({ url: 'http://prometheus:9090', isDefault: true })]);
  expect(services['prometheus']?.ports).toEqual(['127.0.0.1:9090:9090']);
  const { alerting } = load(read('deploy/prometheus/prometheus.yml')) as {
    readonly alerting: { readonly alertmanagers: readonly unknown[] };
  };
  expect(alerting.alertmanagers).toEqual([{ static_configs: [{ targets: ['alertmanager:9093'] }] }]);
  expect(services['alertmanager']?.ports).toEqual(['127.0.0.1:9093:9093']);
  const { providers } = load(read(`${directory}/dashboards/aipassport.yml`)) as {
    readonly providers: readonly { readonly options: { readonly path: string } }[];
  };
  const mounted = (services['grafana']?.volumes ?? []).map((volume) => volume.split(':')[1] ?? '');
  for (const { options } of providers) expect(mounted.map((target) => path.dirname(target))).toContain(options.path);
});
