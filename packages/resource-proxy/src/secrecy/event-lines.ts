import { joinBytes } from '../join-bytes.js';
import { blotOutNames } from './account-names.js';
import type { KeyInPieces } from './key-in-pieces.js';

const lineFeed = 0x0a;
const dataField = Buffer.from('data:');
const errorWord = Buffer.from('"error"');
/** A longer one is a picture, or the whole answer once more: it is passed on as it comes. */
const maxLineBytes = 65_536;
/** Longer ones are not pieces of a text. */
const maxPieceBytes = 16_384;

/**
 * Passes an event stream on line by line, each judged when it is whole: a client could make nothing of less. An event
 * that is an error names nothing of the owner's account, and one that completes a key ends the stream before it.
 */
export class EventLines {
  readonly #pieces: KeyInPieces;
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** In a line that is longer than what is held. */
  #isPassing = false;

  constructor(pieces: KeyInPieces) {
    this.#pieces = pieces;
  }

  /** @throws Denied `upstream_failed` */
  feed(chunk: Buffer): Buffer {
    const end = chunk.lastIndexOf(lineFeed) + 1;
    const rest = chunk.subarray(end);
    if (end === 0) return this.#hold(rest);
    const lines = this.#judge(joinBytes([...this.#held, chunk.subarray(0, end)]));
    this.#held = [];
    this.#heldBytes = 0;
    this.#isPassing = false;
    const passing = this.#hold(rest);
    return passing.length === 0 ? lines : joinBytes([lines, passing]);
  }

  /** @throws Denied `upstream_failed` */
  end(): Buffer {
    const rest = joinBytes(this.#held);
    this.#held = [];
    return rest.length === 0 ? rest : this.#judge(rest);
  }

  #hold(piece: Buffer): Buffer {
    if (piece.length === 0 || this.#isPassing) return piece;
    this.#held.push(piece);
    this.#heldBytes += piece.length;
    if (this.#heldBytes <= maxLineBytes) return Buffer.alloc(0);
    const passing = joinBytes(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    this.#isPassing = true;
    return passing;
  }

  /** @returns the lines, as they may be passed on: the same bytes unless one of them is an error */
  #judge(lines: Buffer): Buffer {
    const out: Buffer[] = [];
    let passed = 0;
    for (let start = 0; start < lines.length; ) {
      const found = lines.indexOf(lineFeed, start);
      const end = found === -1 ? lines.length : found;
      const line = lines.subarray(start, end);
      if (this.#isError(line)) {
        const data = start + dataField.length;
        out.push(lines.subarray(passed, data), blotOutNames(lines.subarray(data, end)));
        passed = end;
      }
      start = end + 1;
    }
    return passed === 0 ? lines : joinBytes([...out, lines.subarray(passed)]);
  }

  /** Looks at one line. @returns whether all of it is an error */
  #isError(line: Buffer): boolean {
    if (line.length <= dataField.length || !line.subarray(0, dataField.length).equals(dataField)) return false;
    const isPiece = line.length <= maxPieceBytes;
    if (!isPiece && !line.includes(errorWord)) return false;
    const event = parse(line.toString('utf8', dataField.length));
    if (isPiece) this.#pieces.read(event);
    return typeof event === 'object' && event !== null && 'type' in event && event.type === 'error';
  }
}

/** @returns the text itself when it is no JSON */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text.trim();
  }
}
