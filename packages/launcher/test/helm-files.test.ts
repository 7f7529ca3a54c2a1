import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { environment as authorizationServer } from '@aipassport/authorization-server/environment';
import { knownVariables } from '@aipassport/contracts';
import { environment as resourceProxy } from '@aipassport/resource-proxy/environment';
import { proxyMetrics } from '@aipassport/resource-proxy/metrics';
import { describe, expect, it } from '@jest/globals';
import { load } from 'js-yaml';
import { locateKeyFiles } from '../src/keys/key-files.js';
import { locateDatabaseFiles } from '../src/keys/make-database-secrets.js';
import { readAllServices, root } from './compose-files.js';

// The chart is rendered by packages/end-to-end/test/clients/on-demand/helm-chart.test.ts. This test needs no Helm.
const chart = fileURLToPath(new URL('deploy/helm/aipassport', root));
const read = (file: string) => readFileSync(path.join(chart, file), 'utf8');
const templates = globSync('templates/*', { cwd: chart });
const text = templates.map(read).join('\n');

interface ServerValues {
  readonly resources: { readonly limits: { readonly memory: string } };
  readonly unreadySeconds: number;
  readonly drainSeconds?: number;
  readonly terminationGracePeriodSeconds: number;
}
const values = load(read('values.yaml')) as {
  readonly authorizationServer: ServerValues;
  readonly resourceProxy: ServerValues;
};

describe('the Helm chart', () => {
  it('names only settings that a program of ours reads', () => {
    const listed = [...text.matchAll(/"([A-Z]+(?:_[A-Z]+)*)" |name: ([A-Z]+(?:_[A-Z]+)*),/g)];
    const named = listed.map(([, quoted, plain]) => quoted ?? plain ?? '');
    expect(named.length).toBeGreaterThan(15);
    // what create-secrets.mjs reads, and what Node.js reads
    const others = ['RELEASE', 'DATABASE', 'NODE_EXTRA_CA_CERTS'];
    expect(named.filter((name) => !knownVariables.has(name) && !others.includes(name))).toEqual([]);
    const program = read('files/create-secrets.mjs');
    for (const name of ['RELEASE', 'DATABASE']) expect(program).toContain(name);
  });

  it('gives each server each setting that it cannot start without', () => {
    for (const [file, { variables }] of [
      ['authorization-server', authorizationServer],
      ['resource-proxy', resourceProxy],
    ] as const) {
      const given = read(`templates/${file}.yaml`);
      const required = Object.entries(variables).filter(([, variable]) => variable.required);
      expect(required.length).toBeGreaterThan(2);
      for (const [name] of required) expect(given).toMatch(new RegExp(`"${name}(_FILE)?"`));
      expect(given).toContain(`"port" ${variables.PORT.defaultText}`);
    }
  });

  it('mounts and stores the files that `aipassport keys init` makes', () => {
    const files = [locateKeyFiles('/secrets'), locateDatabaseFiles('/secrets')].flatMap(listStrings);
    const named = [...text.matchAll(/\/secrets\/[\w-]+\/[\w.-]+/g)].map(([file]) =>
      // a mount of one file of a directory
      file.replace('/secrets/proxy-client/', '/secrets/resource-proxy/'),
    );
    expect(named.length).toBeGreaterThan(8);
    expect(named.filter((file) => !files.includes(file))).toEqual([]);
    const directories = new Set(files.map((file) => file.split('/')[2]));
    const [, list = ''] = /const directories = \[(.*)\]/.exec(read('files/create-secrets.mjs')) ?? [];
    expect(new Set([...list.matchAll(/'([\w-]+)'/g)].map(([, name]) => name))).toEqual(directories);
  });

  it('mounts each Secret as a directory, so that a rotation reaches the pods without a restart, as docs/operations.md says', () => {
    // Kubernetes never updates a mount with `subPath`
    expect(text).not.toContain('subPath');
    const steps = readFileSync(new URL('docs/operations.md', root), 'utf8');
    const [, copied = ''] = /for name in (.*); do\n {2}mkdir -p "secrets/.exec(steps) ?? [];
    expect(copied.split(' ').toSorted((one, other) => one.localeCompare(other))).toEqual([
      'audit',
      'authorization-server',
      'resource-proxy',
    ]);
  });

  it('has the memory limits of the compose file, and gives servers enough time to stop', () => {
    const services = readAllServices();
    for (const [name, server] of [
      ['authorization-server', values.authorizationServer],
      ['resource-proxy', values.resourceProxy],
    ] as const) {
      const ofCompose = services[name]?.mem_limit?.replace('m', 'Mi').replace('g', 'Gi');
      expect([name, server.resources.limits.memory]).toEqual([name, ofCompose]);
      const needed = server.unreadySeconds + (server.drainSeconds ?? 0) + 10;
      expect(server.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(needed);
    }
  });

  it('mounts the journal’s volume at the path that the comments in values.yaml name', () => {
    const helpers = read('templates/_helpers.tpl');
    const [, mounted = ''] = /\{ name: journal, mountPath: (\S+) \}/.exec(helpers) ?? [];
    expect(helpers).toContain('{ name: journal, persistentVolumeClaim: { claimName: {{ . }} } }');
    const comments = read('values.yaml');
    expect(comments).toContain(`settings.JOURNAL_DIRECTORY: ${mounted}\``);
    expect(comments).toContain(`settings.RESTORE_MARK_FILE: ${mounted}/mark\``);
  });

  it('scales by a metric that the proxies have, and probes addresses that the servers have', () => {
    expect(text).toContain(`metric: { name: ${proxyMetrics.liveRequests.name} }`);
    const probes = [...text.matchAll(/httpGet: \{ path: (\S+), /g)].map(([, address]) => address);
    expect(probes).toEqual(['/health/ready', '/health/live', '/health/live']);
    const specification = readFileSync(new URL('openapi/resource-proxy.yaml', root), 'utf8');
    for (const address of probes) expect(specification).toContain(`${address}:`);
  });
});

function listStrings(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(listStrings) : [];
}
