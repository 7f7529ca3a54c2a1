import type { MetricsPage } from '@aipassport/contracts';
import type { JournalWatch, RestoreWatch } from '@aipassport/store';
import type { authorizationMetrics } from './authorization-metrics.js';

interface Watches {
  readonly restoreWatch: Pick<RestoreWatch, 'isRestored'>;
  readonly journalWatch: Pick<JournalWatch, 'readAgeSeconds'>;
}

/** Sets the metrics of the journal and of the restore mark whenever the metrics are asked for. */
export function watchJournalMetrics(
  page: Pick<MetricsPage<typeof authorizationMetrics>, 'addReader' | 'instruments'>,
  { restoreWatch, journalWatch }: Watches,
): void {
  const { journalAge, databaseRestored } = page.instruments;
  page.addReader(() => {
    journalAge.set({}, journalWatch.readAgeSeconds() ?? 0);
    databaseRestored.set({}, restoreWatch.isRestored() ? 1 : 0);
    return Promise.resolve();
  });
}
