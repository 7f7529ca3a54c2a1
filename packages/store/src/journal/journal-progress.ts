/** If a journal gets no batch for this time, it counts as not written. */
export const maxSecondsBetweenBatches = 60;

/**
 * Detects that the position of a journal no longer changes. The database's clock is not used: after that clock was set
 * back, the position is ahead of the clock for a while, but it still changes with each batch, in small steps.
 */
export class JournalProgress {
  #last: { readonly position: bigint; readonly at: number } | undefined;

  /** @param now in milliseconds, from a monotonic clock (`performance.now()`) */
  hasStopped(position: bigint, now: number): boolean {
    if (this.#last?.position !== position) this.#last = { position, at: now };
    return now - this.#last.at > maxSecondsBetweenBatches * 1_000;
  }

  /** @returns the time since the position was last seen to change; undefined when no position was seen yet */
  readAgeSeconds(now: number): number | undefined {
    return this.#last && (now - this.#last.at) / 1_000;
  }
}
