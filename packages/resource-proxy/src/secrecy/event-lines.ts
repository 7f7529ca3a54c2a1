import { parseJson } from '@aipassport/contracts';
import { findLineData } from '../event-data.js';
import { joinBytes } from '../join-bytes.js';
import { maskAccountNames } from './account-names.js';
import type { KeyInPieces } from './key-in-pieces.js';
import { holdsNamedValue, NamedValues } from './named-values.js';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const nothing = Buffer.alloc(0);
/** A longer line contains a picture, or repeats the whole answer. It is passed on as it arrives. */
const maxLineBytes = 65_536;
/** A line that is longer than this is not a piece of a streamed text. */
const maxPieceBytes = 16_384;

/**
 * Passes an event stream on line by line. Each line is checked when it is complete; clients cannot use partial lines.
 * Names of the owner's account are masked in error events, and in other events where `NamedValues` finds them. If an
 * event would complete a provider key, the stream ends before that event.
 */
export class EventLines {
  readonly #pieces: KeyInPieces;
  /** Masks names in lines that are too long to be buffered. */
  readonly #names = new NamedValues();
  #buffered: Buffer[] = [];
  #bufferedBytes = 0;
  #isPassing = false;

  constructor(pieces: KeyInPieces) {
    this.#pieces = pieces;
  }

  /** @throws Denied `upstream_failed` */
  feed(chunk: Buffer): Buffer {
    const out: Buffer[] = [];
    const first = this.#isPassing ? chunk.indexOf(lineFeed) : -1;
    if (first !== -1) {
      out.push(this.#names.feed(chunk.subarray(0, first)), this.#names.end());
      this.#isPassing = false;
    }
    const start = Math.max(0, first);
    const end = Math.max(start, findLastEnd(chunk));
    if (end > start) out.push(this.#judge(joinBytes([...this.#take(), chunk.subarray(start, end)])));
    if (end < chunk.length) out.push(this.#hold(chunk.subarray(end)));
    return joinBytes(out);
  }

  /** @throws Denied `upstream_failed` */
  end(): Buffer {
    return this.#isPassing ? this.#names.end() : this.#judge(joinBytes(this.#take()));
  }

  #take(): Buffer[] {
    const buffered = this.#buffered;
    this.#buffered = [];
    this.#bufferedBytes = 0;
    return buffered;
  }

  #hold(piece: Buffer): Buffer {
    if (this.#isPassing) return this.#names.feed(piece);
    this.#buffered.push(piece);
    this.#bufferedBytes += piece.length;
    if (this.#bufferedBytes <= maxLineBytes) return nothing;
    this.#isPassing = true;
    return this.#names.feed(joinBytes(this.#take()));
  }

  /** @returns the lines to pass on: the same bytes unless a name is masked */
  #judge(lines: Buffer): Buffer {
    const out: Buffer[] = [];
    let passed = 0;
    for (let start = 0; start < lines.length; ) {
      const found = lines.indexOf(lineFeed, start);
      const end = found === -1 ? lines.length : found;
      const data = findLineData(lines, start, end);
      const changed = data === undefined || data.length === 0 ? undefined : this.#filter(data);
      if (data !== undefined && changed !== undefined) {
        out.push(lines.subarray(passed, end - data.length), changed);
        passed = end;
      }
      start = end + 1;
    }
    return passed === 0 ? lines : joinBytes([...out, lines.subarray(passed)]);
  }

  /** @returns the data of an event with names masked; undefined when it is passed on unchanged */
  #filter(data: Buffer): Buffer | undefined {
    // Characters outside of ASCII are decoded wrongly. This is harmless, because provider keys are ASCII.
    const text = data.toString('latin1');
    if (data.length <= maxPieceBytes) {
      const event = parseJson(text) ?? text.trim();
      this.#pieces.read(event);
      if (isError(event)) return maskAccountNames(data, true);
    }
    if (!holdsNamedValue(text)) return undefined;
    const names = new NamedValues();
    return joinBytes([names.feed(data), names.end()]);
  }
}

/** Lines may also end in a carriage return alone. No vendor does this; such lines are passed on together. */
function findLastEnd(chunk: Buffer): number {
  const end = chunk.lastIndexOf(lineFeed);
  return (end === -1 ? chunk.lastIndexOf(carriageReturn) : end) + 1;
}

/**
 * Whether the whole event is an error. Some vendors give an error event the type `error`. In the error events of other
 * vendors, `error` is the only member.
 */
function isError(event: unknown): boolean {
  if (typeof event !== 'object' || event === null) return false;
  return ('type' in event && event.type === 'error') || ('error' in event && Object.keys(event).length === 1);
}
