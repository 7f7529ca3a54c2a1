import { isJsonObject } from '@aipassport/policy';
import { findLineData } from '../../event-data.js';
import { joinBytes } from '../../join-bytes.js';
import { cutMember } from '../cut-member.js';
import { JsonPart, type KeptJson } from '../json-part.js';
import type { AnswerMeter } from '../meter.js';
import type { OutputCounter } from '../output-counter.js';
import { parseJsonObject } from '../parse-json.js';
import { maxPartBytes } from '../sse-lines.js';
import type { UsageReading } from '../usage-reading.js';
import type { UsageTap } from '../usage-tap.js';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const usageKey = Buffer.from('"usage"');
const emptyUsage = Buffer.from(',"usage":null');
/**
 * Matches the rest of an event after a member, if only plain members and the last brace follow. A match shows that the
 * member is not nested in an object or a list.
 */
const plainEnd = /^(?:,"\w+":(?:"[^"\\]*"|null|true|false|\d+))*\}[\r\n]*$/;
const maxPlainEndBytes = 400;

/**
 * Removes the parts of a streamed chat that the upstream adds only because this proxy asked for the usage: a last event
 * without choices, and the member `usage` of every other event, which is usually null. The rest is passed on byte for
 * byte. Each event is passed on when it is complete, since clients cannot use partial events. Only an event that is too
 * large to be buffered is passed on as it arrives, without any removal.
 */
export class UsageHider implements AnswerMeter {
  readonly #tap: UsageTap;
  readonly #counter: OutputCounter;
  #pieces: Buffer[] = [];
  #bufferedBytes = 0;
  #isLineBlank = true;
  /** Collects an event that is too large to be buffered, and that is passed on as it arrives. */
  #large: JsonPart | undefined;

  constructor(tap: UsageTap, counter: OutputCounter) {
    this.#tap = tap;
    this.#counter = counter;
  }

  readonly feed = (chunk: Buffer): Buffer => {
    const out: Buffer[] = [];
    let start = 0;
    let lineStart = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, lineStart)) {
      if (this.#isLineBlank && isBlank(chunk, lineStart, end)) {
        this.#endEvent(chunk.subarray(start, end + 1), out);
        start = end + 1;
      }
      this.#isLineBlank = true;
      lineStart = end + 1;
    }
    if (lineStart < chunk.length) this.#isLineBlank &&= isBlank(chunk, lineStart, chunk.length);
    this.#hold(chunk.subarray(start), out);
    return joinBytes(out);
  };

  readonly end = (): Buffer => {
    const out: Buffer[] = [];
    this.#endEvent(Buffer.alloc(0), out);
    return joinBytes(out);
  };

  readonly readUsage = (): UsageReading => this.#tap.finish();

  readonly readSoFar = (): UsageReading => this.#tap.readSoFar?.() ?? this.#tap.finish();

  #hold(piece: Buffer, out: Buffer[]): void {
    if (piece.length === 0) return;
    if (this.#large !== undefined) {
      this.#large.add(piece);
      out.push(piece);
      return;
    }
    this.#pieces.push(piece);
    this.#bufferedBytes += piece.length;
    if (this.#bufferedBytes <= maxPartBytes) return;
    // The pieces are joined, because `out.push(...pieces)` would fail for very many pieces.
    const held = joinBytes(this.#pieces);
    out.push(held);
    this.#pieces = [];
    this.#bufferedBytes = 0;
    this.#large = new JsonPart(0, findData);
    this.#large.add(held);
  }

  #endEvent(last: Buffer, out: Buffer[]): void {
    if (this.#large !== undefined) {
      this.#large.add(last);
      out.push(last);
      this.#endLarge(this.#large.take());
      return;
    }
    this.#pieces.push(last);
    const event = joinBytes(this.#pieces);
    this.#pieces = [];
    this.#bufferedBytes = 0;
    if (event.length > 0) this.#passOn(event, out);
  }

  #endLarge(kept: KeptJson): void {
    this.#large = undefined;
    const skeleton = kept.kind === 'skeleton' ? kept.json : undefined;
    this.#counter.countLarge(skeleton);
    this.#tap.readLarge(skeleton);
  }

  #passOn(event: Buffer, out: Buffer[]): void {
    this.#counter.count(event);
    if (!event.includes(usageKey)) {
      out.push(event);
      return;
    }
    const empty = findEmptyUsage(event);
    if (empty !== -1) {
      out.push(event.subarray(0, empty), event.subarray(empty + emptyUsage.length));
      return;
    }
    const data = findData(event);
    const chunk = data && parseJsonObject(data);
    if (data === undefined || chunk === undefined) {
      out.push(event);
      return;
    }
    this.#tap.readPart(data);
    const isExtra = Array.isArray(chunk.choices) && chunk.choices.length === 0 && isJsonObject(chunk.usage);
    if (!isExtra) out.push(...cutMember(event, data.byteOffset - event.byteOffset, 'usage'));
  }
}

/** Finds the empty usage that most chunks have, without parsing them. @returns -1 for any other form */
function findEmptyUsage(event: Buffer): number {
  const index = event.lastIndexOf(emptyUsage);
  const end = index + emptyUsage.length;
  if (index === -1 || event.length - end > maxPlainEndBytes) return -1;
  return plainEnd.test(event.toString('latin1', end)) ? index : -1;
}

function isBlank(chunk: Buffer, start: number, end: number): boolean {
  return end === start || (end === start + 1 && chunk[start] === carriageReturn);
}

/** Returns the data of an event's first `data` line. Comments and other fields are on other lines. */
function findData(event: Buffer): Buffer | undefined {
  for (let start = 0; start < event.length; ) {
    const found = event.indexOf(lineFeed, start);
    const end = found === -1 ? event.length : found;
    const data = findLineData(event, start, end);
    if (data !== undefined) return data;
    start = end + 1;
  }
  return undefined;
}
