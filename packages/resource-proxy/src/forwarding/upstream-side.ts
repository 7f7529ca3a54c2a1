import type { Drain } from './answer-drains.js';
import type { AnswerSource, RelayOptions } from './relay-options.js';

/** The upstream's side of an answer: how far the upstream request has come, and the source of the answer. */
export class UpstreamSide {
  readonly #options: Pick<RelayOptions, 'drains' | 'exchange' | 'now'>;
  #source: AnswerSource | undefined;
  #isReached = false;
  #status = 0;
  #drain: Drain | undefined;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  /** Whether the upstream may have received bytes of the request. */
  get isReached(): boolean {
    return this.#isReached;
  }

  /** The status of the answer; 0 before the answer. */
  get status(): number {
    return this.#status;
  }

  /** Present when the client has left and the proxy continues to read the answer for its usage. */
  get drain(): Drain | undefined {
    return this.#drain;
  }

  attach(source: AnswerSource): void {
    this.#source = source;
  }

  markReached(): void {
    this.#isReached = true;
    this.#options.exchange.sentAtMilliseconds ??= this.#options.now();
  }

  noteStatus(status: number): void {
    this.#status = status;
    this.#options.exchange.upstreamStatus = status;
  }

  /**
   * Tries to continue to read the answer without its client. This needs a request that was sent, a source that does not
   * depend on the client (`outlivesClient`), and a free place in `AnswerDrains`.
   * @returns whether the proxy continues to read the answer
   */
  beginDrain(onTimeUp: () => void): boolean {
    const { drains, exchange } = this.#options;
    if (!this.#isReached || this.#source?.outlivesClient !== true) return false;
    this.#drain = drains?.begin(exchange.claims?.grantId ?? '', onTimeUp);
    return this.#drain !== undefined;
  }

  pause(): void {
    this.#source?.pause();
  }

  resume(): void {
    this.#source?.resume();
  }

  abort(): void {
    this.#source?.abort();
  }
}
