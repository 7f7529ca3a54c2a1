import type { Usage } from '@aipassport/policy';
import type { Call } from '../call.js';
import { type EventReader, eventReaders, isUsageChunk } from './event-readers.js';
import { EventSplitter } from './event-splitter.js';
import type { Meter } from './meter.js';
import { parseEvent } from './parse-event.js';
import { type UsageReader, usageReaders } from './usage-readers.js';

/** A longer answer's usage is not looked for: it is charged as estimated. */
const maxAnswerBytes = 64 * 1024 * 1024;
const nothing = Buffer.alloc(0);

/** Chooses how to read an answer's usage when it begins: as a whole, or event by event. */
export function createMeter({ match }: Call, { hidesUsage }: { readonly hidesUsage: boolean }): Meter {
  let reading: Reading = unmetered;
  return {
    changesLength: hidesUsage,
    start: (contentType) => {
      reading = chooseReading(match.operation.id, contentType, hidesUsage);
    },
    feed: (chunk) => reading.feed(chunk),
    end: () => reading.end(),
    readUsage: () => reading.readUsage(),
  };
}

type Reading = Pick<Meter, 'feed' | 'end' | 'readUsage'>;

const unmetered: Reading = { feed: (chunk) => chunk, end: () => nothing, readUsage: () => undefined };

function chooseReading(operationId: string, contentType: string, hidesUsage: boolean): Reading {
  const type = contentType.toLowerCase();
  const events = eventReaders[operationId];
  if (type.startsWith('text/event-stream') && events !== undefined) return readEvents(events(), hidesUsage);
  const whole = usageReaders[operationId];
  return type.startsWith('application/json') && whole !== undefined ? readWhole(whole) : unmetered;
}

function readWhole(read: UsageReader): Reading {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let usage: Usage | undefined;
  return {
    feed: (chunk) => {
      bytes += chunk.length;
      if (bytes <= maxAnswerBytes) chunks.push(chunk);
      else chunks.length = 0;
      return chunk;
    },
    end: () => {
      usage = bytes <= maxAnswerBytes ? read(parseJson(Buffer.concat(chunks))) : undefined;
      return nothing;
    },
    readUsage: () => usage,
  };
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Chunks pass as they come, unless what they hold has to be taken out: then events pass as they become whole. */
function readEvents(reader: EventReader, hidesUsage: boolean): Reading {
  const splitter = new EventSplitter();
  const inspect = (event: Buffer): Buffer => {
    if (!event.includes(reader.marker)) return event;
    const parsed = parseEvent(event);
    reader.read(parsed);
    if (!hidesUsage) return event;
    return isUsageChunk(parsed) ? nothing : withoutNullUsage(event);
  };
  return {
    feed: (chunk) => {
      const passed = splitter.push(chunk).map(inspect);
      if (!hidesUsage) return chunk;
      if (splitter.isOverfull) return Buffer.concat([...passed, splitter.rest()]);
      return passed.length === 1 ? (passed[0] ?? nothing) : Buffer.concat(passed);
    },
    end: () => {
      const rest = inspect(splitter.rest());
      return hidesUsage ? rest : nothing;
    },
    readUsage: () => (splitter.isOverfull ? undefined : reader.readUsage()),
  };
}

const nullUsage = Buffer.from(',"usage":null');

/** What OpenAI puts into every other chunk when usage was asked for. */
function withoutNullUsage(event: Buffer): Buffer {
  const index = event.indexOf(nullUsage);
  return index === -1 ? event : Buffer.concat([event.subarray(0, index), event.subarray(index + nullUsage.length)]);
}
