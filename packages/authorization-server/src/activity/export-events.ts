import { Readable } from 'node:stream';
import type { Database } from '@aipassport/store';
import { type EventQuery, type ListedEvent, listAuditEvents } from '@aipassport/store/authorization';
import type { Context } from '../context.js';
import type { Texts } from '../texts/texts.js';
import { describeEvent } from './describe-event.js';

/** How many events are read at a time. */
const pageSize = 1_000;

interface Page {
  /** Only events with a lower id; undefined: events with any id. */
  readonly before: bigint | undefined;
  readonly limit: number;
}

/** All events of a query, from the latest to the earliest. They are read page by page. */
export async function* readAllPages<Event extends { readonly id: bigint }>(
  readPage: (page: Page) => Promise<readonly Event[]>,
): AsyncGenerator<Event> {
  let before: bigint | undefined;
  for (;;) {
    const events = await readPage({ before, limit: pageSize });
    yield* events;
    before = events.at(-1)?.id;
    if (events.length < pageSize) return;
  }
}

/** All events of an account, as `readAllPages` reads them. */
export function readEvents(db: Database, query: Omit<EventQuery, keyof Page>): AsyncGenerator<ListedEvent> {
  return readAllPages((page) => listAuditEvents(db, { ...query, ...page }));
}

/** One event in a file. */
export interface ExportedEvent {
  /** In UTC, so that other programs can read it. */
  readonly time: string;
  readonly event: string;
  /** What the event is about, by the name of the column. */
  readonly about: Readonly<Record<string, string | undefined>>;
  readonly detail: unknown;
}

/** @param texts in the language of the descriptions */
export function describeForExport(event: ListedEvent, texts: Texts): ExportedEvent {
  return {
    time: event.at.toISOString(),
    event: event.kind ?? 'other',
    about: {
      description: texts(describeEvent(event)),
      app: event.client?.clientName,
      client_id: event.clientId,
      access: event.grantId,
    },
    detail: event.detail,
  };
}

interface EventFile {
  /** The name of the file without its extension. */
  readonly name: string;
  readonly format: 'csv' | 'jsonl';
  /** The columns of a CSV file between the event and its details. */
  readonly columns: readonly string[];
}

/** Answers with events as a file. */
export function answerWithFile(ctx: Context, file: EventFile, events: AsyncIterable<ExportedEvent>): void {
  const { name, format, columns } = file;
  ctx.attachment(`${name}.${format}`);
  ctx.type = format === 'csv' ? 'text/csv; charset=utf-8' : 'application/jsonl; charset=utf-8';
  ctx.body = Readable.from(format === 'csv' ? writeCsv(events, columns) : writeJsonLines(events));
}

/** Writes events as JSON lines: one object a line. */
export async function* writeJsonLines(events: AsyncIterable<ExportedEvent>): AsyncGenerator<string> {
  for await (const { time, event, about, detail } of events)
    yield `${JSON.stringify({ time, event, ...about, detail })}\n`;
}

/** Writes events as CSV (RFC 4180), with a line of headings. */
export async function* writeCsv(
  events: AsyncIterable<ExportedEvent>,
  columns: readonly string[],
): AsyncGenerator<string> {
  yield `${['time', 'event', ...columns, 'details'].join(',')}\r\n`;
  for await (const { time, event, about, detail } of events) {
    const cells = [time, event, ...columns.map((column) => about[column] ?? ''), JSON.stringify(detail)];
    yield `${cells.map(formatCell).join(',')}\r\n`;
  }
}

/**
 * Spreadsheets run the text of a cell as a formula if it begins like a formula, and an app can choose such a name. An
 * apostrophe makes the cell a text.
 */
function formatCell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}

/** Converts each event of the database to its form in the file. */
export async function* mapEvents<Event>(
  events: AsyncIterable<Event>,
  describe: (event: Event) => ExportedEvent,
): AsyncGenerator<ExportedEvent> {
  for await (const event of events) yield describe(event);
}
