import { findLineData } from '../event-data.js';
import { JsonPart } from './json-part.js';
import type { PartReader } from './usage-tap.js';

/** Most parts have a few hundred bytes. Only pictures and very long answers exceed this size. */
export const maxPartBytes = 1_048_576;

const lineFeed = 0x0a;

/** Passes the data of each event of an event stream to a tap. All vendors write an event's data as one line. */
export class SseLines {
  readonly #tap: PartReader;
  readonly #line = new JsonPart(maxPartBytes, findLineData);

  constructor(tap: PartReader) {
    this.#tap = tap;
  }

  write(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      // Most lines arrive in one chunk, and are read without a copy.
      if (this.#line.isEmpty && end - start <= maxPartBytes) this.#readLine(chunk.subarray(start, end));
      else {
        this.#line.add(chunk.subarray(start, end));
        this.#endLine();
      }
      start = end + 1;
    }
    this.#line.add(chunk.subarray(start));
  }

  end(): void {
    this.#endLine();
  }

  #endLine(): void {
    const line = this.#line.take();
    if (line.kind === 'whole') this.#readLine(line.json);
    else this.#tap.readLarge(line.kind === 'skeleton' ? line.json : undefined);
  }

  #readLine(line: Buffer): void {
    const data = findLineData(line);
    if (data !== undefined && data.length > 0) this.#tap.readPart(data);
  }
}
