import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from '@jest/globals';
import { findInstalled } from './installed.js';

const chart = fileURLToPath(new URL('../../../../../../deploy/helm/aipassport', import.meta.url));
const strictDecoder = fileURLToPath(new URL('../../../../test/clients/support/decode-strictly.go', import.meta.url));
const helm = findInstalled('go/helm');
const models = findInstalled('npm/kubernetes-models');

/** The reasons why charts cannot be rendered here. Empty if all tools are installed. */
export const missingForCharts = [helm, models].flatMap((it) => ('missing' in it ? [it.missing] : []));

export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
}
type Model = new (resource: Resource) => { validate(): void };
type Models = Readonly<Record<string, Model | undefined>>;

/** @param values by their path in values.yaml */
export function runHelm(values: Readonly<Record<string, string>>) {
  const settings = Object.entries(values).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  const program = path.join('directory' in helm ? helm.directory : '', 'helm');
  return spawnSync(program, ['template', 'ours', chart, '--kube-version', '1.31.0', ...settings], { encoding: 'utf8' });
}

/** Renders the chart, and checks each resource against the schemas of Kubernetes and CloudNativePG. */
export async function render(values: Readonly<Record<string, string>>): Promise<readonly Resource[]> {
  const { status, stdout, stderr } = runHelm(values);
  expect([status, stderr]).toEqual([0, '']);
  const modules = path.join('directory' in models ? models.directory : '', 'node_modules');
  const { loadAll } = (await import(path.join(modules, 'js-yaml/dist/js-yaml.mjs'))) as {
    readonly loadAll: (text: string) => readonly (Resource | null)[];
  };
  const resources = loadAll(stdout).filter((resource) => resource !== null);
  for (const resource of resources) {
    const library = isOfCloudNativePG(resource) ? '@kubernetes-models/cloudnative-pg' : 'kubernetes-models';
    const group = (await import(path.join(modules, library, resource.apiVersion, 'index.js'))) as Models;
    const Model = group[resource.kind];
    if (Model === undefined) throw new Error(`${library} has no ${resource.apiVersion} ${resource.kind}`);
    new Model(resource).validate();
  }
  expect(checkStrictly(resources.filter((resource) => !isOfCloudNativePG(resource)))).toBe('');
  return resources;
}

const isOfCloudNativePG = ({ apiVersion }: Resource) => apiVersion.startsWith('postgresql.cnpg.io/');

/**
 * Decodes resources of Kubernetes with its own types, and finds members that the types do not have. The schemas that
 * `render` uses allow such members.
 *
 * @returns what is wrong, or an empty string
 */
export function checkStrictly(resources: readonly Resource[]): string {
  // Helm depends on Kubernetes’ types, so the Go module in its folder requires them
  const directory = 'directory' in helm ? helm.directory : '';
  const input = resources.map((resource) => JSON.stringify(resource)).join('\n---\n');
  const go = process.env['CLIENTS_GO'] ?? 'go';
  const { stdout, stderr, status, error } = spawnSync(go, ['-C', directory, 'run', strictDecoder], {
    input,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the strict decoder failed: ${stderr || error}`);
  return stdout;
}
