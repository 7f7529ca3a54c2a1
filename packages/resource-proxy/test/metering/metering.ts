import { type OperationId, parseOperationId } from '@aipassport/policy';
import { createMeter, type MeterOptions } from '../../src/metering/create-meter.js';
import type { UsageReading } from '../../src/metering/usage-reading.js';

/** The answer that a client received, and the usage that was read from it. */
export interface Metered {
  readonly passed: string;
  readonly reading: UsageReading;
}

export interface AnswerOptions extends Partial<MeterOptions> {
  readonly contentType?: string;
  /** Whether the answer ends normally. Otherwise it breaks off. */
  readonly ends?: boolean;
}

export function meter(operationId: string, chunks: readonly (string | Buffer)[], options: AnswerOptions = {}): Metered {
  const { contentType = 'text/event-stream; charset=utf-8', ends = true, hidesUsage = false } = options;
  const metering = createMeter({ operationId: requireOperation(operationId), hidesUsage });
  metering.start(contentType);
  const passed = chunks.map((chunk) => metering.feed(Buffer.from(chunk)));
  if (ends) passed.push(metering.end());
  return { passed: Buffer.concat(passed).toString('utf8'), reading: metering.readUsage() };
}

export function meterJson(operationId: string, answer: unknown): UsageReading {
  return meter(operationId, [JSON.stringify(answer)], { contentType: 'application/json' }).reading;
}

/** Cuts a text into pieces. A place counts bytes, so that a cut may lie within a character. */
export function cutAt(text: string, places: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text);
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

export const event = (data: unknown, name?: string): string =>
  `${name === undefined ? '' : `event: ${name}\n`}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;

/** Parses the identifier of an operation, which is a plain text in the tables of tests. */
export function requireOperation(text: string): OperationId {
  const id = parseOperationId(text);
  if (id === undefined) throw new Error(`there is no operation ${text}`);
  return id;
}
