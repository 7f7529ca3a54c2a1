const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const nothing = Buffer.alloc(0);

/** Longer than any event that a vendor sends but for those with a whole long answer in them. */
const maxEventBytes = 4 * 1024 * 1024;

/**
 * Cuts a stream of server-sent events into whole events, in linear time, however its chunks fall. Events end with an
 * empty line; lines with LF or CRLF.
 */
export class EventSplitter {
  #carry: Buffer[] = [];
  #carryBytes = 0;
  /** Where in the carry an event's end may still lie: its last bytes, which the next chunk may complete. */
  #tail = nothing;

  /** True once an event was longer than what is kept: nothing more comes out. */
  get isOverfull(): boolean {
    return this.#carryBytes > maxEventBytes;
  }

  /** @returns the bytes up to the end of the last whole event in them, cut at the ends of events */
  push(chunk: Buffer): Buffer[] {
    if (this.isOverfull) return [];
    const joined = this.#tail.length === 0 ? chunk : Buffer.concat([this.#tail, chunk]);
    const ends = findEnds(joined);
    const offset = this.#tail.length;
    this.#tail = Buffer.from(joined.subarray(Math.max(0, joined.length - 3)));
    const events: Buffer[] = [];
    let start = 0;
    for (const end of ends) {
      const cut = end - offset;
      if (cut <= start) continue;
      events.push(this.#take(chunk.subarray(start, cut)));
      start = cut;
      this.#tail = Buffer.from(joined.subarray(Math.max(end, joined.length - 3)));
    }
    this.#keep(chunk.subarray(start));
    return events;
  }

  /** @returns what has come of an event that never ended */
  rest(): Buffer {
    return this.#take(nothing);
  }

  #take(last: Buffer): Buffer {
    if (this.#carry.length === 0) return last;
    const event = Buffer.concat([...this.#carry, last]);
    this.#carry = [];
    this.#carryBytes = 0;
    return event;
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#carry.push(bytes);
    this.#carryBytes += bytes.length;
  }
}

/** Indices right behind each empty line. */
function findEnds(bytes: Buffer): number[] {
  const ends = [];
  let index = bytes.indexOf(lineFeed);
  while (index !== -1) {
    let next = index + 1;
    if (bytes[next] === carriageReturn) next += 1;
    if (bytes[next] === lineFeed) {
      ends.push(next + 1);
      index = bytes.indexOf(lineFeed, next + 1);
    } else {
      index = bytes.indexOf(lineFeed, index + 1);
    }
  }
  return ends;
}
