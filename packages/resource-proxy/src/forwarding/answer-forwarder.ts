import type { IncomingHttpHeaders } from 'node:http';
import { AnswerFlow } from './answer-flow.js';
import type { AnswerProgress } from './answer-progress.js';
import type { ClientSide } from './client-side.js';
import { GatheredPieces } from './gathered-pieces.js';
import type { RelayOptions } from './relay-options.js';
import type { UpstreamSide } from './upstream-side.js';

export interface AnswerForwarderParts {
  readonly progress: AnswerProgress;
  readonly upstream: UpstreamSide;
  readonly client: ClientSide;
  /** Called when pieces cannot be metered, filtered or written. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Passes an answer on to the client. The pieces that arrive in one turn of the event loop are metered, filtered and
 * written together. The upstream is paused while too many bytes wait for the client. After the client has left, the
 * pieces are only metered.
 */
export class AnswerForwarder {
  readonly #options: Pick<RelayOptions, 'exchange' | 'filter' | 'meter' | 'now' | 'onFailpoint'>;
  readonly #parts: AnswerForwarderParts;
  readonly #flow = new AnswerFlow();
  readonly #gathered: GatheredPieces;
  #isScheduled = false;

  constructor(options: RelayOptions, parts: AnswerForwarderParts) {
    this.#options = options;
    this.#parts = parts;
    this.#gathered = new GatheredPieces(options);
  }

  /** The time since the last piece; undefined when more may have arrived than was read. */
  get silentSeconds(): number | undefined {
    return this.#flow.silentSeconds;
  }

  /** Called when the headers of a successful answer have arrived. */
  begin(headers: IncomingHttpHeaders): void {
    const { exchange, filter, meter, now } = this.#options;
    const { progress, upstream, client } = this.#parts;
    const { changesLength, contentType = headers['content-type'] } = meter.start(headers['content-type'] ?? '');
    const forClient = filter.begin({ ...headers, 'content-type': contentType });
    progress.advance('headers_filtered');
    exchange.firstByteAtMilliseconds = now();
    // The meter may change the number of bytes, so the upstream's length is not passed on.
    if (changesLength) delete forClient['content-length'];
    if (upstream.drain === undefined && client.begin(upstream.status, forClient)) this.#passOnSoon();
  }

  add(piece: Buffer): void {
    this.#flow.come();
    this.#gathered.add(piece);
    this.#passOnSoon();
  }

  resume(): void {
    this.#parts.upstream.resume();
    this.#flow.resume();
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

  /** Called when the upstream's answer has ended and the client had left before. Meters the rest of the answer. */
  meterRest(): void {
    this.#gathered.drop();
    this.#options.meter.end();
  }

  /** Called when the answer breaks off. Passes on the gathered pieces, or only meters them if the client has left. */
  breakOff(): void {
    const { upstream, client } = this.#parts;
    try {
      if (this.#gathered.isEmpty) return;
      if (upstream.drain === undefined) client.write(this.#gathered.take());
      else this.#gathered.drop();
    } catch {
      // If the pieces cannot be metered, they are not passed on. The answer ends here in any case.
    }
  }

  /**
   * Passes the gathered pieces on when the current callback of the event loop has returned. All pieces of one read from
   * the socket arrive in that callback.
   */
  #passOnSoon(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    process.nextTick(this.#passOnOrFail);
  }

  readonly #passOnOrFail = (): void => {
    this.#isScheduled = false;
    try {
      this.#passOn();
    } catch (error) {
      this.#parts.onFailure(error);
    }
  };

  /** Passes on the gathered pieces. If there are none, sends the headers. */
  #passOn(): void {
    const { progress, upstream, client } = this.#parts;
    if (progress.advance('pieces_due') !== 'pass_on') return;
    if (upstream.drain !== undefined) return this.#gathered.drop();
    const pieces = this.#gathered.take();
    if (this.#options.exchange.response.destroyed) return;
    const isFull = client.write(pieces);
    if (pieces.length > 0) this.#options.onFailpoint?.('mid_stream');
    if (!isFull) return;
    upstream.pause();
    this.#flow.pause();
    client.onceRead(() => this.resume());
  }
}
