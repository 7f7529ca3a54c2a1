import { AnswerFlow } from './answer-flow.js';
import type { ClientSide } from './client-side.js';
import { GatheredPieces } from './gathered-pieces.js';
import type { AnswerSource, RelayOptions } from './relay-options.js';

/**
 * Passes an answer's body on to the client. The pieces that arrive in one turn of the event loop are metered, filtered
 * and written together. The upstream is paused while too many bytes wait for the client.
 */
export class AnswerPassage {
  readonly #options: Pick<RelayOptions, 'exchange' | 'onFailpoint'>;
  readonly #client: ClientSide;
  readonly #flow = new AnswerFlow();
  readonly #gathered: GatheredPieces;
  #source: AnswerSource | undefined;
  #isScheduled = false;

  constructor(options: RelayOptions, client: ClientSide) {
    this.#options = options;
    this.#client = client;
    this.#gathered = new GatheredPieces(options);
  }

  /** The time since the last piece; undefined when more may have arrived than was read. */
  get silentSeconds(): number | undefined {
    return this.#flow.silentSeconds;
  }

  attach(source: AnswerSource): void {
    this.#source = source;
  }

  add(piece: Buffer): void {
    this.#flow.come();
    this.#gathered.add(piece);
  }

  /**
   * Calls `work` once, when the current callback of the event loop has returned. All pieces of one read from the socket
   * arrive in that callback.
   */
  schedule(work: () => void): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    process.nextTick(() => {
      this.#isScheduled = false;
      work();
    });
  }

  /** Passes on the gathered pieces. If there are none, sends the headers. */
  passOn(): void {
    const { exchange, onFailpoint } = this.#options;
    const pieces = this.#gathered.take();
    if (exchange.response.destroyed) return;
    const isFull = this.#client.write(pieces);
    if (pieces.length > 0) onFailpoint?.('mid_stream');
    if (!isFull) return;
    this.#source?.pause();
    this.#flow.pause();
    this.#client.onceRead(() => this.resume());
  }

  resume(): void {
    this.#source?.resume();
    this.#flow.resume();
  }

  /** Only meters the gathered pieces, because the client has left. */
  drop(): void {
    this.#gathered.drop();
  }

  /**
   * Called when the answer has ended. Passes on the remaining pieces except the last.
   * @returns the last piece, which ends the response
   */
  passOnRest(): Buffer {
    const pieces = this.#gathered.takeRest();
    const last = pieces.pop() ?? Buffer.alloc(0);
    for (const piece of pieces) this.#options.exchange.response.write(piece);
    return last;
  }

  /**
   * Called when the answer breaks off. Passes on the gathered pieces, or only meters them if the client has left
   * (`isDrained`).
   */
  breakOff({ isDrained }: { readonly isDrained: boolean }): void {
    try {
      if (this.#gathered.isEmpty) return;
      if (isDrained) this.#gathered.drop();
      else this.#client.write(this.#gathered.take());
    } catch {
      // If the pieces cannot be metered, they are not passed on. The answer ends here in any case.
    }
  }
}
