import { MetricsPage } from '@aipassport/contracts';
import type { ModelCatalogue } from '@aipassport/policy';
import { type CatalogueLabels, createCatalogueLabels } from './catalogue-labels.js';
import { type ProxyMetrics, proxyMetrics } from './proxy-metrics.js';

export { outageReasons } from '../denials/outages.js';
export { proxyMetrics };

export interface OpenMetrics {
  readonly page: MetricsPage<typeof proxyMetrics>;
  readonly metrics: ProxyMetrics;
  readonly labels: CatalogueLabels;
}

/**
 * Creates the metrics of one proxy. The counts of rare events that have an alert begin at 0: if a series began with its
 * first event, Prometheus would see no increase.
 */
export function openMetrics(models: ModelCatalogue): OpenMetrics {
  const page = new MetricsPage(proxyMetrics);
  const metrics = page.instruments;
  const labels = createCatalogueLabels(models);
  for (const name of [undefined, ...models.upstreams.entries.map((entry) => entry.name)])
    metrics.requests.inc({ upstream: labels.upstream(name), reason: 'unexpected_error' }, 0);
  metrics.settlements.inc({ settlement: 'doubted' }, 0);
  return { page, metrics, labels };
}
