import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  authorizationMetrics,
  openMetrics as openAuthorizationMetrics,
} from '@aipassport/authorization-server/metrics';
import { type Metric, MetricsPage } from '@aipassport/contracts';
import { createModelCatalogue, upstreamVariables } from '@aipassport/policy';
import { openMetrics as openProxyMetrics, outageReasons, proxyMetrics } from '@aipassport/resource-proxy/metrics';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { load } from 'js-yaml';

const root = new URL('../../../../', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, root), 'utf8');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

const alertsFile = 'deploy/prometheus/alerts.yml';
const { groups } = load(read(alertsFile)) as { readonly groups: readonly { readonly rules: readonly Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const { panels } = JSON.parse(read('deploy/grafana/aipassport.json')) as { readonly panels: readonly Panel[] };
const targets = panels.flatMap((panel) => panel.targets ?? []);
const expressions = [...rules.map(({ expr }) => expr), ...targets.map(({ expr }) => expr)];

const [, chapter = ''] = /^## Metrics and alerts$(.*?)(?=^## )/ms.exec(read('docs/operations.md')) ?? [];

const ours: ReadonlyMap<string, Metric> = new Map(
  [...Object.values(authorizationMetrics), ...Object.values(proxyMetrics)].map((metric) => [metric.name, metric]),
);
/** The metrics of the process, which prom-client names. */
let ofProcess: readonly string[] = [];
beforeAll(async () => {
  const page = new MetricsPage({});
  page.addProcess();
  ofProcess = [...(await page.read()).matchAll(/^# TYPE (\w+) /gm)].map(([, name = '']) => name);
});

/** The metrics that an expression names, without the suffixes of a histogram's series. */
function listNames(expression: string): readonly string[] {
  return [...expression.matchAll(/\b(?:aipassport|nodejs|process)_\w+/g)].map(([name]) => {
    const histogram = name.replace(/_(bucket|sum|count)$/, '');
    return ours.get(histogram)?.type === 'histogram' ? histogram : name;
  });
}

describe('the expressions of the alerts and of the dashboard', () => {
  it('name only metrics that the servers have, as does docs/operations.md', () => {
    const named = [...expressions, chapter].flatMap(listNames);
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter((name) => !ours.has(name) && !ofProcess.includes(name))).toEqual([]);
  });

  it('have no other names: a name is a metric, or a word of Prometheus', () => {
    const functions = ['histogram_quantile', 'increase', 'max', 'min_over_time', 'rate', 'sum', 'topk'];
    const words = [...functions, 'and', 'or', 'up'];
    const notNames = /"[^"]*"|\{[^}]*\}|\[[^\]]*\]|\bby \([^)]*\)/g;
    const names = expressions.flatMap((one) => one.replace(notNames, '').match(/[a-z_]\w*/gi) ?? []);
    expect(new Set(names).size).toBeGreaterThan(30);
    expect(names.filter((name) => listNames(name).length === 0 && !words.includes(name))).toEqual([]);
  });

  it('select by labels that the metric has', () => {
    const selections = expressions.flatMap((expression) => [...expression.matchAll(/(aipassport_\w+)\{([^}]*)\}/g)]);
    expect(selections.length).toBeGreaterThan(5);
    for (const [, name = '', selection = ''] of selections) {
      const labels = [...selection.matchAll(/(\w+)(?:=|!=)~?"/g)].map(([, label = '']) => label);
      const [metric = ''] = listNames(name);
      expect([name, labels.filter((label) => !(label in (ours.get(metric)?.labels ?? {})))]).toEqual([name, []]);
    }
  });

  it('select values of labels that occur in the servers’ code', () => {
    const sources = globSync('packages/{contracts,policy,store,authorization-server,resource-proxy}/src/**/*.ts', {
      cwd: fileURLToPath(root),
    });
    const code = sources.map(read).join('\n');
    const values = expressions.flatMap((expression) =>
      [...expression.matchAll(/"([^"]+)"/g)].flatMap(([, value = '']) => value.split('|')),
    );
    const words = new Set(values.filter((value) => /^[a-z][a-z_]+$/.test(value)));
    expect(words.size).toBeGreaterThan(5);
    expect([...words].filter((word) => !code.includes(`'${word}'`))).toEqual([]);
  });

  it('add up and name series by labels that the metrics have', () => {
    /** The labels that Prometheus adds, and the label of a histogram's buckets. */
    const added = ['le', 'job', 'instance'];
    const named = [
      ...expressions.map((expression) => ({ expression, pattern: /\bby \(([^)]*)\)/g, text: expression })),
      ...targets.map(({ expr, legendFormat }) => ({ expression: expr, pattern: /\{\{(\w+)\}\}/g, text: legendFormat })),
    ];
    for (const { expression, pattern, text } of named) {
      const labels = [...text.matchAll(pattern)].flatMap(([, list = '']) => list.split(', '));
      const known = listNames(expression).flatMap((name) => Object.keys(ours.get(name)?.labels ?? {}));
      expect([expression, labels.filter((label) => !known.includes(label) && !added.includes(label))]).toEqual([
        expression,
        [],
      ]);
    }
  });
});

const requestsFailHere = rules.find(({ alert }) => alert === 'RequestsFailHere');

it('the alert RequestsFailHere and its paragraph name every denial reason that means an outage', () => {
  const expected = [...outageReasons, 'unexpected_error'];
  const [, counted = ''] = /reason=~"([^"]+)"/.exec(requestsFailHere?.expr ?? '') ?? [];
  expect(counted.split('|').toSorted()).toEqual(expected.toSorted());
  const [, paragraph = ''] = /^### RequestsFailHere$(.*?)(?=^### )/ms.exec(chapter) ?? [];
  expect(expected.filter((reason) => !paragraph.includes(`\`${reason}\``))).toEqual([]);
});

it('a counter whose first event raises an alert begins at 0', async () => {
  const pages = [openAuthorizationMetrics(), openProxyMetrics(createModelCatalogue({})).page];
  const begun = (await Promise.all(pages.map(async (page) => page.read()))).join('\n');
  const first = rules.flatMap(({ expr }) => [
    ...expr.matchAll(/increase\((?<name>\w+)\{(?<selection>[^}]*)\}\[\w+\]\)\) > 0(?!\.)/g),
  ]);
  expect(first.length).toBeGreaterThan(2);
  for (const { groups: { name = '', selection = '' } = {} } of first)
    expect(begun).toMatch(new RegExp(`^${name}\\{(?:.*,)?${selection}(?:,.*)?\\} 0$`, 'm'));
});

it('the dashboard shows each of our metrics', () => {
  const shown = targets.flatMap(({ expr }) => listNames(expr));
  expect([...ours.keys()].filter((name) => !shown.includes(name))).toEqual([]);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
});

it('docs/operations.md has a paragraph about each alert, and about no other', () => {
  const paragraphs = new Map(
    [...chapter.matchAll(/^### (\w+)\n\n(.*?)(?=\n\n###|\n*$(?![\s\S]))/gms)].map(([, name = '', text = '']) => [
      name,
      text,
    ]),
  );
  expect([...paragraphs.keys()]).toEqual(rules.map(({ alert }) => alert));
  for (const { alert, labels, annotations } of rules) {
    expect([alert, (paragraphs.get(alert) ?? '').length > 100]).toEqual([alert, true]);
    expect(annotations.runbook).toBe(`docs/operations.md#${alert.toLowerCase()}`);
    expect(['critical', 'warning']).toContain(labels['severity']);
  }
});

interface Compose {
  readonly services: Readonly<
    Record<string, { readonly environment?: Readonly<Record<string, string>>; readonly ports?: readonly string[] }>
  >;
}

it('Prometheus collects from the servers of the compose file, on a port that the file does not publish', () => {
  const { services } = load(read('docker-compose.yml')) as Compose;
  const prometheus = load(read('deploy/prometheus/prometheus.yml')) as {
    readonly rule_files: readonly string[];
    readonly scrape_configs: readonly {
      readonly dns_sd_configs: readonly { readonly names: readonly string[]; readonly port: number }[];
    }[];
  };
  for (const file of prometheus.rule_files) expect(read(`deploy/prometheus/${file}`)).not.toBe('');
  const places = prometheus.scrape_configs.flatMap(({ dns_sd_configs: each }) => each);
  const collected = places.flatMap(({ names, port }) => names.map((name) => [name, String(port)]));
  const serving = Object.entries(services).flatMap(([name, { environment }]) =>
    environment?.['METRICS_PORT'] === undefined ? [] : [[name, environment['METRICS_PORT']]],
  );
  expect(serving.map(([name]) => name)).toEqual(['authorization-server', 'resource-proxy']);
  expect(collected).toEqual(serving);
  const published = Object.values(services).flatMap(({ ports = [] }) => ports);
  for (const [, port = ''] of serving) expect(published.filter((one) => one.endsWith(`:${port}`))).toEqual([]);
});

it('the compose file passes on the variables of every AI provider', () => {
  const { services } = load(read('docker-compose.yml')) as Compose;
  const passed = (name: string) => Object.keys(services[name]?.environment ?? {});
  const urls = Object.keys(upstreamVariables.urls);
  const keys = Object.keys(upstreamVariables.keys).flatMap((name) => [name, `${name}_FILE`]);
  expect(urls.filter((name) => !passed('authorization-server').includes(name))).toEqual([]);
  expect([...urls, ...keys].filter((name) => !passed('resource-proxy').includes(name))).toEqual([]);
});

const promtool = spawnSync('promtool', ['--version']).error === undefined;
(promtool ? it : it.skip)(
  `promtool accepts the rules${promtool ? '' : ' (skipped: there is no promtool here)'}`,
  () => {
    const checked = spawnSync('promtool', ['check', 'rules', fileURLToPath(new URL(alertsFile, root))], {
      encoding: 'utf8',
    });
    expect([checked.status, checked.stderr]).toEqual([0, '']);
  },
);
