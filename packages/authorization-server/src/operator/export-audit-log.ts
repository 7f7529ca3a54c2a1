import type { Database } from '@aipassport/store';
import { type InstanceEvent, type InstanceEventQuery, listInstanceEvents } from '@aipassport/store/authorization';
import { type ExportedEvent, mapEvents, readAllPages, writeCsv, writeJsonLines } from '../activity/export-events.js';

/** The columns of a CSV file between the event and its details. */
export const exportedColumns = ['account', 'client_id', 'grant_id'];

type Filter = Omit<InstanceEventQuery, 'before' | 'limit'>;

/** The events of all accounts that the filter selects, the latest first, in the form for a file. */
export function readExportedEvents(db: Database, filter: Filter): AsyncGenerator<ExportedEvent> {
  const events = readAllPages((page) => listInstanceEvents(db, { ...filter, ...page }));
  return mapEvents(events, describeForExport);
}

/** The events as lines of a file, for the operator's command. */
export function writeAuditLog(
  db: Database,
  { format, since }: { readonly format: 'csv' | 'jsonl'; readonly since: Date | undefined },
): AsyncGenerator<string> {
  const events = readExportedEvents(db, { since });
  return format === 'csv' ? writeCsv(events, exportedColumns) : writeJsonLines(events);
}

function describeForExport({ at, event, email, clientId, grantId, detail }: InstanceEvent): ExportedEvent {
  return { time: at.toISOString(), event, about: { account: email, client_id: clientId, grant_id: grantId }, detail };
}
