import { joinBytes } from '../join-bytes.js';
import { JsonSkeleton } from './json-skeleton.js';

/** The part of an answer that was kept, which may be the whole answer. */
export type KeptJson =
  | { readonly kind: 'whole'; readonly json: Buffer }
  /** The part was too large to be kept whole. The skeleton contains the members that report usage. */
  | { readonly kind: 'skeleton'; readonly json: Buffer }
  | { readonly kind: 'lost' };

/**
 * Collects the pieces of one JSON text. A text up to the limit is kept whole. For a longer text, only a skeleton is
 * kept, which is built as the pieces arrive. The time is linear in the number of bytes, for any sizes of the pieces.
 */
export class JsonPart {
  readonly #maxBytes: number;
  /** Returns the part of the collected bytes that begins with the JSON; undefined when they contain no JSON. */
  readonly #findJson: (bytes: Buffer) => Buffer | undefined;
  #pieces: Buffer[] = [];
  #bytes = 0;
  #skeleton: JsonSkeleton | undefined;

  constructor(maxBytes: number, findJson: (bytes: Buffer) => Buffer | undefined = (bytes) => bytes) {
    this.#maxBytes = maxBytes;
    this.#findJson = findJson;
  }

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  add(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#bytes += piece.length;
    if (this.#skeleton !== undefined) return this.#skeleton.write(piece);
    this.#pieces.push(piece);
    if (this.#bytes <= this.#maxBytes) return;
    this.#skeleton = new JsonSkeleton();
    const json = this.#findJson(joinBytes(this.#pieces));
    this.#pieces = [];
    if (json !== undefined) this.#skeleton.write(json);
  }

  /** Returns the collected bytes, and starts a new collection. */
  take(): KeptJson {
    const pieces = this.#pieces;
    const skeleton = this.#skeleton;
    this.#pieces = [];
    this.#bytes = 0;
    this.#skeleton = undefined;
    if (skeleton === undefined) return { kind: 'whole', json: joinBytes(pieces) };
    const json = skeleton.take();
    return json === undefined ? { kind: 'lost' } : { kind: 'skeleton', json };
  }
}
