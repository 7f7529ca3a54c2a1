import { BoundedBytes } from './bounded-bytes.js';
import type { PartReader } from './usage-tap.js';

/** Usage stands in lines of some hundred bytes; only pictures and very long answers come in larger ones. */
export const maxPartBytes = 1_048_576;

const lineFeed = 0x0a;
const dataField = Buffer.from('data:');

/** Shows a tap the data of each event of an event stream. All vendors write an event's data as one line. */
export class SseLines {
  readonly #tap: PartReader;
  readonly #line = new BoundedBytes(maxPartBytes);

  constructor(tap: PartReader) {
    this.#tap = tap;
  }

  write(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      this.#line.add(chunk.subarray(start, end));
      this.#endLine();
      start = end + 1;
    }
    this.#line.add(chunk.subarray(start));
  }

  end(): void {
    this.#endLine();
  }

  #endLine(): void {
    const { isWhole } = this.#line;
    const line = this.#line.take();
    if (!isWhole) this.#tap.readTail(line);
    else if (line.length > dataField.length && line.subarray(0, dataField.length).equals(dataField)) {
      this.#tap.readPart(line.subarray(dataField.length));
    }
  }
}
