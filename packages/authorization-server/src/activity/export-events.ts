import type { Database } from '@aipassport/store';
import { type EventQuery, type ListedEvent, listAuditEvents } from '@aipassport/store/authorization';
import type { Texts } from '../texts/texts.js';
import { describeEvent } from './describe-event.js';

/** How many events are read at a time. */
const pageSize = 1_000;

/** All events of a query, from the latest to the earliest. Few are in memory at a time. */
export async function* readEvents(db: Database, query: Omit<EventQuery, 'limit' | 'before'>) {
  let before: bigint | undefined;
  for (;;) {
    const events = await listAuditEvents(db, { ...query, before, limit: pageSize });
    yield* events;
    before = events.at(-1)?.id;
    if (events.length < pageSize) return;
  }
}

/** Writes events as JSON, an array with one object a line. */
export async function* writeJson(events: AsyncIterable<ListedEvent>, texts: Texts): AsyncGenerator<string> {
  let separator = '[\n';
  for await (const event of events) {
    yield `${separator}${JSON.stringify(describeForExport(event, texts))}`;
    separator = ',\n';
  }
  yield separator === '[\n' ? '[]\n' : '\n]\n';
}

/** Writes events as CSV (RFC 4180), with a line of headings. */
export async function* writeCsv(events: AsyncIterable<ListedEvent>, texts: Texts): AsyncGenerator<string> {
  yield 'time,event,description,app,client_id,access,details\r\n';
  for await (const event of events) {
    const {
      time,
      event: kind,
      description,
      app = '',
      client_id = '',
      access = '',
      detail,
    } = describeForExport(event, texts);
    yield `${[time, kind, description, app, client_id, access, JSON.stringify(detail)].map(formatCell).join(',')}\r\n`;
  }
}

/** The times are in UTC, so that other programs can read them. */
function describeForExport(event: ListedEvent, texts: Texts) {
  return {
    time: event.at.toISOString(),
    event: event.kind ?? 'other',
    description: texts(describeEvent(event)),
    app: event.clientName,
    client_id: event.clientId,
    access: event.grantId,
    detail: event.detail,
  };
}

/** Spreadsheets run a cell that begins like a formula, and apps choose their names. The apostrophe makes it a text. */
export function formatCell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}
