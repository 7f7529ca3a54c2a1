import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { findInstalled } from '../support/installed.js';
import { onDemandTestMilliseconds } from '../support/on-demand-tool.js';

const chart = fileURLToPath(new URL('../../../../../../deploy/helm/aipassport', import.meta.url));
const helm = findInstalled('go/helm');
const models = findInstalled('npm/kubernetes-models');
const missing = [helm, models].flatMap((it) => ('missing' in it ? [it.missing] : []));
const titleNote = missing.length === 0 ? '' : ` (skipped: ${missing.join('; ')})`;
const itRenders = missing.length === 0 ? it : it.skip;

const urls = { issuer: 'https://ai.example.com', resourceProxyUrl: 'https://ai-proxy.example.com' };
const clients = { 'networkPolicies.clients[0].namespaceSelector.matchLabels.name': 'ingress' };
const ownDatabase = { 'networkPolicies.database[0].ipBlock.cidr': '10.0.0.5/32' };
const inCluster = { 'database.cloudNativePG.enabled': 'true', 'secrets.generate': 'true' };

function runHelm(values: Readonly<Record<string, string>>) {
  const settings = Object.entries(values).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  const program = path.join('directory' in helm ? helm.directory : '', 'helm');
  return spawnSync(program, ['template', 'ours', chart, '--kube-version', '1.31.0', ...settings], { encoding: 'utf8' });
}

interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}
type Model = new (resource: Resource) => { validate(): void };
type Models = Readonly<Record<string, Model | undefined>>;

/** Renders the chart, and checks each resource against Kubernetes’ own schema. */
async function render(values: Readonly<Record<string, string>>): Promise<readonly Resource[]> {
  const { status, stdout, stderr } = runHelm(values);
  expect([status, stderr]).toEqual([0, '']);
  const modules = path.join('directory' in models ? models.directory : '', 'node_modules');
  const { loadAll } = (await import(path.join(modules, 'js-yaml/dist/js-yaml.mjs'))) as {
    readonly loadAll: (text: string) => readonly (Resource | null)[];
  };
  const resources = loadAll(stdout).filter((resource) => resource !== null);
  for (const resource of resources) {
    // a kind of CloudNativePG, whose schema is not among those of Kubernetes
    if (resource.kind === 'Cluster') continue;
    const group = (await import(path.join(modules, 'kubernetes-models', resource.apiVersion, 'index.js'))) as Models;
    const Model = group[resource.kind];
    if (Model === undefined) throw new Error(`Kubernetes has no ${resource.apiVersion} ${resource.kind}`);
    new Model(resource).validate();
  }
  return resources;
}

const count = (resources: readonly Resource[], kind: string) => resources.filter((it) => it.kind === kind).length;

itRenders(
  `Kubernetes accepts what the Helm chart renders, with the operator’s own PostgreSQL and with CloudNativePG${titleNote}`,
  async () => {
    const own = await render({
      ...urls,
      ...clients,
      ...ownDatabase,
      'ingress.enabled': 'true',
      'ingress.tlsSecretName': 'tls',
      'resourceProxy.secretFiles.secretName': 'keys',
      'resourceProxy.secretFiles.settings.OPENAI_API_KEY_FILE': 'openai',
    });
    expect(['Deployment', 'PodDisruptionBudget', 'HorizontalPodAutoscaler'].map((kind) => count(own, kind))).toEqual([
      2, 2, 2,
    ]);
    expect(['Job', 'Ingress', 'Cluster', 'Role'].map((kind) => count(own, kind))).toEqual([1, 1, 0, 0]);
    const withCluster = await render({
      ...urls,
      ...clients,
      ...inCluster,
      'resourceProxy.autoscaling.liveRequests': '50',
    });
    expect(['Job', 'Ingress', 'Cluster', 'Role'].map((kind) => count(withCluster, kind))).toEqual([2, 0, 1, 1]);
    expect(JSON.stringify(withCluster)).toContain('aipassport_proxy_live_requests');
  },
  onDemandTestMilliseconds,
);

itRenders(`the Helm chart refuses values with which the servers could not run${titleNote}`, () => {
  expect(runHelm(ownDatabase).stderr).toContain('/issuer');
  expect(runHelm({ ...urls, ...clients }).stderr).toContain('say where PostgreSQL is');
  expect(runHelm({ ...urls, ...clients, ...ownDatabase, 'secrets.generate': 'true' }).stderr).toContain(
    'needs database.cloudNativePG',
  );
  expect(runHelm({ ...urls, ...clients, ...ownDatabase, 'settings.LEASE_SECONDS': '10' }).stderr).toContain(
    '/settings/LEASE_SECONDS',
  );
});

itRenders(
  `the pods of both servers mount the claim with the journal; the chart refuses a journal without a claim${titleNote}`,
  async () => {
    const setting = { 'settings.JOURNAL_DIRECTORY': '/journal' };
    expect(runHelm({ ...urls, ...clients, ...ownDatabase, ...setting }).stderr).toContain('journal.claimName');
    const resources = await render({
      ...urls,
      ...clients,
      ...ownDatabase,
      ...setting,
      'journal.claimName': 'our-journal',
    });
    const servers = resources.filter(({ kind }) => kind === 'Deployment').map((server) => JSON.stringify(server));
    expect(servers).toHaveLength(2);
    for (const server of servers) {
      expect(server).toContain('"persistentVolumeClaim":{"claimName":"our-journal"}');
      expect(server).toContain('"mountPath":"/journal"');
    }
  },
  onDemandTestMilliseconds,
);

itRenders(
  `values can let the resource proxies, or both servers, reach further ports${titleNote}`,
  async () => {
    const policies = await renderPolicies({
      ...urls,
      ...clients,
      ...ownDatabase,
      'networkPolicies.resourceProxyEgress[0].ports[0].port': '8200',
      'networkPolicies.serverEgress[0].ports[0].port': '4318',
    });
    const listOpen = (port: number) =>
      policies
        .filter(({ spec }) => spec.egress?.some(({ ports }) => ports?.some((it) => it.port === port)))
        .map(({ metadata }) => metadata.name);
    expect(listOpen(8200)).toEqual(['ours-from-resource-proxy']);
    expect(listOpen(4318)).toEqual(['ours-from-servers']);
  },
  onDemandTestMilliseconds,
);

interface Policy extends Resource {
  readonly spec: {
    readonly ingress?: readonly Rule[];
    readonly egress?: readonly Rule[];
  };
}
interface Rule {
  readonly from?: readonly unknown[];
  readonly to?: readonly { readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] } }[];
  readonly ports?: readonly { readonly port: number }[];
}

itRenders(
  `if reverse proxies are trusted, only they reach the servers: any other pod could invent X-Forwarded-For${titleNote}`,
  async () => {
    expect(runHelm({ ...urls, ...ownDatabase }).stderr).toContain('say where your reverse proxies are');
    expect(runHelm({ ...urls, ...ownDatabase, trustedProxyHops: '0' }).status).toBe(0);
    const policies = await renderPolicies({ ...urls, ...clients, ...ownDatabase });
    for (const { spec, metadata } of policies)
      for (const { from } of spec.ingress ?? [])
        expect([metadata.name, from]).toEqual([metadata.name, expect.anything()]);
  },
  onDemandTestMilliseconds,
);

itRenders(
  `the servers reach the DNS of the cluster, the database and public addresses, and nothing else${titleNote}`,
  async () => {
    const policies = await renderPolicies({ ...urls, ...clients, ...ownDatabase });
    const rules = policies.flatMap(({ spec }) => spec.egress ?? []);
    expect(rules.length).toBeGreaterThan(2);
    expect(rules.filter(({ to }) => to === undefined || to.length === 0)).toEqual([]);
    const dns = rules.filter(({ ports }) => ports?.some(({ port }) => port === 53));
    expect(JSON.stringify(dns)).toContain('"k8s-app":"kube-dns"');
    const blocks = rules.flatMap(({ to = [] }) => to.flatMap(({ ipBlock }) => ipBlock ?? []));
    const wide = blocks.find(({ cidr }) => cidr === '0.0.0.0/0');
    for (const range of ['10.0.0.0/8', '100.64.0.0/10', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'])
      expect(wide?.except).toContain(range);
    // the only IPv6 addresses are public ones, so not fc00::/7, fe80::/10, 64:ff9b::/96 or ::ffff:0:0/96
    expect(blocks.map(({ cidr }) => cidr).filter((cidr) => cidr.includes(':'))).toEqual(['2000::/3']);
    const { status } = runHelm({ ...urls, ...clients, ...ownDatabase, 'networkPolicies.dns': 'null' });
    expect(status).not.toBe(0);
  },
  onDemandTestMilliseconds,
);

itRenders(
  `with CloudNativePG, the database’s certificate is verified for every connection${titleNote}`,
  async () => {
    const resources = await render({ ...urls, ...clients, ...inCluster });
    const text = JSON.stringify(resources);
    expect(text).toContain('/aipassport?sslmode=verify-full&sslrootcert=/database-ca/ca.crt');
    const workloads = resources.filter(
      ({ kind, metadata }) => kind === 'Deployment' || metadata.name === 'ours-migration',
    );
    expect(workloads).toHaveLength(3);
    for (const workload of workloads) {
      const own = JSON.stringify(workload);
      expect(own).toContain('"secretName":"ours-database-ca"');
      expect(own).toContain('"mountPath":"/database-ca"');
      expect(own).not.toContain('ca.key');
    }
  },
  onDemandTestMilliseconds,
);

async function renderPolicies(values: Readonly<Record<string, string>>): Promise<readonly Policy[]> {
  return (await render(values)).filter(
    ({ kind }) => kind === 'NetworkPolicy',
  ) as readonly unknown[] as readonly Policy[]; // of this kind
}
