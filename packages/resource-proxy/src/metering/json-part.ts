import { joinBytes } from '../join-bytes.js';
import { JsonSkeleton } from './json-skeleton.js';

/** A part of an answer, or all of it, as far as it was kept. */
export type KeptJson =
  | { readonly kind: 'whole'; readonly json: Buffer }
  /** It was larger than what is kept: what its usage can be read from. */
  | { readonly kind: 'skeleton'; readonly json: Buffer }
  | { readonly kind: 'lost' };

/**
 * Collects the pieces of one JSON text: all of them up to a bound, and only its skeleton beyond it, which is read as the
 * pieces come. Linear in what is added, whatever the sizes of the pieces.
 */
export class JsonPart {
  readonly #maxBytes: number;
  /** Returns where the JSON begins in what was collected; undefined: there is none. */
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

  /** What was collected; and begins anew. */
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
