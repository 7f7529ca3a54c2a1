/** What had piled up while the client did not read has been read by then. */
const catchUpMilliseconds = 1_000;

/**
 * Whether an answer is read as fast as its upstream writes it. While the client does not read, the upstream goes on writing
 * into the buffers on the way, and what was seen of the answer says little of what was generated.
 */
export class AnswerFlow {
  #isPaused = false;
  /** By `performance.now()`. */
  #cameAt = Number.NEGATIVE_INFINITY;
  #resumedAt = Number.NEGATIVE_INFINITY;

  /** For how long nothing has come; undefined: more may have come than was read. */
  get silentSeconds(): number | undefined {
    const now = performance.now();
    const isBehind = this.#isPaused || now - this.#resumedAt < catchUpMilliseconds;
    return isBehind ? undefined : (now - this.#cameAt) / 1_000;
  }

  come(): void {
    this.#cameAt = performance.now();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (this.#isPaused) this.#resumedAt = performance.now();
    this.#isPaused = false;
  }
}
