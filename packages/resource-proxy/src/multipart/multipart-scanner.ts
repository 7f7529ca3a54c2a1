import { Denied } from '../denials/denial.js';
import { freeChunk } from '../free-bytes.js';
import { type PartHead, parsePartHead } from './part-head.js';

/** Receives the parts of a form in their order. */
export interface FormListener {
  readonly onPart: (head: PartHead) => void;
  readonly onData: (bytes: Buffer) => void;
  readonly onPartEnd: () => void;
}

type State = 'start' | 'after-delimiter' | 'head' | 'data' | 'end';

const maxHeadBytes = 4_096;
const maxParts = 64;
const crlf = Buffer.from('\r\n');
const headEnd = Buffer.from('\r\n\r\n');

/**
 * Reads a multipart form as it streams in. Its parts are separated by a line with the boundary, a text that the sender
 * has chosen. The scanner accepts only forms that every reader would read alike: they begin with the boundary, without
 * any text before it, their lines end with CRLF, and nothing follows the end except one line end. Where RFC 2046 leaves
 * readers a choice, two readers could see two different forms, so all such forms are refused.
 */
export class MultipartScanner {
  readonly #delimiter: Buffer;
  readonly #listener: FormListener;
  #state: State = 'start';
  #rest: Buffer = Buffer.alloc(0);
  #parts = 0;

  constructor(boundary: string, listener: FormListener) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
    this.#listener = listener;
  }

  /**
   * @param chunk belongs to this scanner from now on; its memory is freed if its bytes are copied
   * @throws Denied `form_malformed`
   */
  write(chunk: Buffer): void {
    if (this.#rest.length === 0) this.#rest = chunk;
    else {
      this.#rest = Buffer.concat([this.#rest, chunk]);
      freeChunk(chunk);
    }
    while (this.#step());
  }

  /** Called at the end of the input. @throws Denied `form_malformed` unless the form has ended */
  end(): void {
    if (this.#state !== 'end') refuse();
  }

  /** @returns false when more bytes are needed to continue */
  #step(): boolean {
    switch (this.#state) {
      case 'start':
        return this.#readStart();
      case 'after-delimiter':
        return this.#readAfterDelimiter();
      case 'head':
        return this.#readHead();
      case 'data':
        return this.#readData();
      case 'end':
        return this.#readEnd();
    }
  }

  #readStart(): boolean {
    const first = this.#delimiter.subarray(crlf.length);
    if (this.#rest.length < first.length) return false;
    if (!this.#rest.subarray(0, first.length).equals(first)) refuse();
    this.#advance(first.length, 'after-delimiter');
    return true;
  }

  #readAfterDelimiter(): boolean {
    if (this.#rest.length < 2) return false;
    const mark = this.#rest.toString('latin1', 0, 2);
    if (mark !== '\r\n' && mark !== '--') refuse();
    this.#advance(2, mark === '--' ? 'end' : 'head');
    return true;
  }

  #readHead(): boolean {
    const end = this.#rest.indexOf(headEnd);
    if (end === -1 ? this.#rest.length > maxHeadBytes : end > maxHeadBytes) refuse();
    if (end === -1) return false;
    this.#parts += 1;
    if (this.#parts > maxParts) refuse();
    const head = parsePartHead(this.#rest.toString('latin1', 0, end));
    this.#advance(end + headEnd.length, 'data');
    this.#listener.onPart(head);
    return true;
  }

  #readData(): boolean {
    const found = this.#rest.indexOf(this.#delimiter);
    // If no delimiter was found, the last bytes may be the beginning of a delimiter. They are kept for the next step.
    const length = found === -1 ? this.#rest.length - this.#delimiter.length + 1 : found;
    if (length > 0) this.#listener.onData(this.#rest.subarray(0, length));
    if (found === -1) {
      if (length > 0) this.#rest = this.#rest.subarray(length);
      return false;
    }
    this.#listener.onPartEnd();
    this.#advance(found + this.#delimiter.length, 'after-delimiter');
    return true;
  }

  /** Accepts one line end, which some writers add. Refuses other bytes: a reader could see a second form in them. */
  #readEnd(): boolean {
    if (this.#rest.length > crlf.length || !crlf.subarray(0, this.#rest.length).equals(this.#rest)) refuse();
    return false;
  }

  #advance(length: number, state: State): void {
    this.#rest = this.#rest.subarray(length);
    this.#state = state;
  }
}

function refuse(): never {
  throw new Denied({ reason: 'form_malformed', problem: 'malformed' });
}
