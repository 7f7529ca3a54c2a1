/** How long it takes, after a pause, to read everything that was buffered during the pause. */
const catchUpMilliseconds = 1_000;

/**
 * Tracks whether an answer is read as fast as its upstream writes it. While the client does not read, the upstream
 * keeps writing into buffers, so the part that was read does not show how much was generated.
 */
export class AnswerFlow {
  #isPaused = false;
  /** When the last chunk came, by `performance.now()`. */
  #cameAt = Number.NEGATIVE_INFINITY;
  #resumedAt = Number.NEGATIVE_INFINITY;

  /**
   * The time since the last chunk, Infinity before the first chunk; undefined when more may have arrived than was read.
   */
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
