import { expect, it } from '@jest/globals';
import { checkStrictly, missingForCharts, type Resource, render, runHelm } from '../support/helm.js';
import { onDemandTestMilliseconds } from '../support/on-demand-tool.js';

const titleNote = missingForCharts.length === 0 ? '' : ` (skipped: ${missingForCharts.join('; ')})`;
const itRenders = missingForCharts.length === 0 ? it : it.skip;

const urls = { issuer: 'https://ai.example.com', resourceProxyUrl: 'https://ai-proxy.example.com' };
const clients = { 'networkPolicies.clients[0].namespaceSelector.matchLabels.name': 'ingress' };
const ownDatabase = { 'networkPolicies.database[0].ipBlock.cidr': '10.0.0.5/32' };
const inCluster = { 'database.cloudNativePG.enabled': 'true', 'secrets.generate': 'true' };

const labelsOf = (component: string) => ({
  'app.kubernetes.io/instance': 'ours',
  'app.kubernetes.io/component': component,
});
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

itRenders(`a member that Kubernetes does not have is found: the check of the chart can fail${titleNote}`, () => {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'ours' }, spec: { containers: [], replica: 2 } };
  expect(checkStrictly([pod])).toContain('unknown field "spec.replica"');
});

itRenders(
  `the migration runs as a hook before the install, or with CloudNativePG after it, because the install makes the database${titleNote}`,
  async () => {
    const readHook = async (values: Readonly<Record<string, string>>) =>
      (await render({ ...urls, ...clients, ...values })).find(({ metadata }) => metadata.name === 'ours-migration')
        ?.metadata.annotations?.['helm.sh/hook'];
    expect(await readHook(ownDatabase)).toBe('pre-install,pre-upgrade');
    expect(await readHook(inCluster)).toBe('post-install,pre-upgrade');
  },
  onDemandTestMilliseconds,
);

itRenders(
  `the replicas of each server are spread over hosts and zones${titleNote}`,
  async () => {
    const resources = await render({ ...urls, ...clients, ...ownDatabase });
    for (const component of ['authorization-server', 'resource-proxy']) {
      const server = resources.find(
        ({ kind, metadata }) => kind === 'Deployment' && metadata.name === `ours-${component}`,
      );
      const labels = labelsOf(component);
      expect(server).toMatchObject({
        spec: {
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: {
              topologySpreadConstraints: ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map(
                (topologyKey) => ({ maxSkew: 1, topologyKey, labelSelector: { matchLabels: labels } }),
              ),
            },
          },
        },
      });
    }
  },
  onDemandTestMilliseconds,
);

itRenders(
  `only the pods of the resource proxy may reach the addresses of AI providers${titleNote}`,
  async () => {
    const policies = await renderPolicies({ ...urls, ...clients, ...ownDatabase });
    const wide = policies.filter(({ spec }) =>
      spec.egress?.some(({ to }) => to?.some(({ ipBlock }) => ipBlock?.cidr === '0.0.0.0/0')),
    );
    expect(wide).toHaveLength(1);
    expect(wide[0]?.spec.podSelector.matchLabels).toMatchObject(labelsOf('resource-proxy'));
    const closed = policies.find(({ metadata }) => metadata.name === 'ours-closed');
    expect(closed?.spec).toEqual({
      podSelector: {
        matchLabels: { 'app.kubernetes.io/name': 'aipassport', 'app.kubernetes.io/instance': 'ours' },
      },
      policyTypes: ['Ingress', 'Egress'],
    });
  },
  onDemandTestMilliseconds,
);

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

interface Pod {
  readonly containers: readonly [
    {
      readonly command?: readonly string[];
      readonly env: readonly { readonly name: string; readonly value: string }[];
      readonly volumeMounts: unknown;
    },
  ];
  readonly volumes: unknown;
}
type Deployment = Resource & { readonly spec: { readonly template: { readonly spec: Pod } } };
type CronJob = Resource & {
  readonly spec: {
    readonly jobTemplate: {
      readonly spec: {
        readonly template: {
          readonly spec: Pod;
          readonly metadata: { readonly labels: Readonly<Record<string, string>> };
        };
      };
    };
  };
};

itRenders(
  `\`doctor\` gets the settings, secrets and volumes of each server, and reaches the database and the public URLs${titleNote}`,
  async () => {
    const resources = await render({
      ...urls,
      ...clients,
      ...ownDatabase,
      'journal.claimName': 'our-journal',
      'settings.JOURNAL_DIRECTORY': '/journal',
      'resourceProxy.secretFiles.secretName': 'keys',
      'resourceProxy.secretFiles.settings.OPENAI_API_KEY_FILE': 'openai',
      'networkPolicies.doctorEgress[0].ports[0].port': '8443',
    });
    const find = <Kind extends Resource>(kind: string, name: string) =>
      resources.find((it) => it.kind === kind && it.metadata.name === name) as Kind;
    for (const name of ['ours-authorization-server', 'ours-resource-proxy']) {
      const server = find<Deployment>('Deployment', name).spec.template.spec;
      const { spec: job, metadata } = find<CronJob>('CronJob', `${name}-doctor`).spec.jobTemplate.spec.template;
      const [{ command, env, volumeMounts }] = job.containers;
      expect(command).toEqual(['aipassport', 'doctor']);
      // The job listens on no port. Without PORT, `doctor` asks the servers at their public URLs.
      expect(env).toEqual(server.containers[0].env.filter((it) => !/^(METRICS_)?(PORT|HOST)$/.test(it.name)));
      expect([volumeMounts, job.volumes]).toEqual([server.containers[0].volumeMounts, server.volumes]);
      expect(metadata.labels).toMatchObject({ 'app.kubernetes.io/component': 'doctor' });
    }
    const isOfDoctor = ({ spec }: Policy) => JSON.stringify(spec.podSelector).includes('"doctor"');
    const policies = resources.filter(
      ({ kind }) => kind === 'NetworkPolicy',
    ) as readonly Resource[] as readonly Policy[];
    const egress = policies.filter(isOfDoctor).flatMap(({ spec }) => spec.egress ?? []);
    expect(JSON.stringify(egress)).toContain('10.0.0.5/32');
    expect(egress).toContainEqual({ to: [{ namespaceSelector: { matchLabels: { name: 'ingress' } } }] });
    expect(JSON.stringify(egress)).toContain('"port":8443');
    // only the proxies reach AI providers
    expect(JSON.stringify(egress)).not.toContain('"cidr":"0.0.0.0/0"');
  },
  onDemandTestMilliseconds,
);

itRenders(
  `values can let the resource proxies, or both servers, reach additional ports${titleNote}`,
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
    expect(listOpen(8200)).toEqual(['ours-from-resource-proxy', 'ours-from-doctor']);
    expect(listOpen(4318)).toEqual(['ours-from-doctor', 'ours-from-servers']);
  },
  onDemandTestMilliseconds,
);

interface Policy extends Resource {
  readonly spec: {
    readonly podSelector: { readonly matchLabels?: Readonly<Record<string, string>> };
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
  ) as readonly unknown[] as readonly Policy[]; // the filter keeps only policies
}
