import { joinBytes } from '../join-bytes.js';
import type { Meter } from '../metering/meter.js';
import type { AnswerFilter } from '../secrecy/answer-filter.js';

/** Up to this size, one copy costs less than a write for each piece. */
const maxJoinedBytes = 16_384;

/** The pieces of an answer that arrived in one turn of the event loop. They are metered and filtered together. */
export class GatheredPieces {
  readonly #meter: Meter;
  readonly #filter: AnswerFilter;
  #pieces: Buffer[] = [];

  constructor({ meter, filter }: { readonly meter: Meter; readonly filter: AnswerFilter }) {
    this.#meter = meter;
    this.#filter = filter;
  }

  get isEmpty(): boolean {
    return this.#pieces.length === 0;
  }

  add(piece: Buffer): void {
    this.#pieces.push(piece);
  }

  /** @returns the bytes to pass on. If the pieces are small together, they are joined; otherwise they are not copied */
  take(): Buffer[] {
    return this.#meterPieces()
      .map((piece) => this.#filter.feed(piece))
      .filter(isNotEmpty);
  }

  /** Called when the answer has ended. @returns the rest to pass on */
  takeRest(): Buffer[] {
    const pieces = this.take();
    const last = [this.#filter.feed(this.#meter.end()), this.#filter.end()].filter(isNotEmpty);
    return [...pieces.splice(0, pieces.length - 1), joinBytes([...pieces, ...last])];
  }

  /** Meters and discards the pieces. Called when the client has left. */
  drop(): void {
    this.#meterPieces();
  }

  #meterPieces(): Buffer[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const joined = length <= maxJoinedBytes && length > 0 ? [joinBytes(pieces)] : pieces;
    return joined.map((piece) => this.#meter.feed(piece));
  }
}

const isNotEmpty = ({ length }: Buffer): boolean => length > 0;
