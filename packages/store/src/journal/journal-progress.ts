/** A journal without a batch for this time is not being written. */
export const mostSeconds = 60;

/**
 * Notices that the position of a journal stays where it is. The clock of the database has no part in this: after it was
 * set back, the position is in the future for as long, and moves on in small steps.
 */
export class JournalProgress {
  #last: { readonly position: bigint; readonly at: number } | undefined;

  /** @param now in milliseconds, from a monotonic clock (`performance.now()`) */
  hasStopped(position: bigint, now: number): boolean {
    if (this.#last?.position !== position) this.#last = { position, at: now };
    return now - this.#last.at > mostSeconds * 1_000;
  }

  /** @returns the time since the position was seen to move; undefined when there was none yet */
  readAgeSeconds(now: number): number | undefined {
    return this.#last && (now - this.#last.at) / 1_000;
  }
}
