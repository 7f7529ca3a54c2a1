import { MetricsPage } from '@aipassport/contracts';
import { authorizationMetrics, refusedCredentials } from './authorization-metrics.js';

export { authorizationMetrics };

/**
 * Creates the metrics of one authorization server. The counts of rare events that have an alert begin at 0: if a series
 * began with its first event, Prometheus would see no increase.
 */
export function openMetrics(): MetricsPage<typeof authorizationMetrics> {
  const page = new MetricsPage(authorizationMetrics);
  const { refusals, signInFailures } = page.instruments;
  for (const reason of ['unexpected_error', 'too_many_attempts'] as const) refusals.inc({ reason }, 0);
  for (const by of refusedCredentials) signInFailures.inc({ by }, 0);
  return page;
}
