/** Lets each grant have a few counts under way at a time, so that it cannot use up what a vendor lets its owner count. */
export class CountGate {
  readonly #running = new Map<string, number>();
  readonly #maxPerGrant: number;

  constructor(maxPerGrant: number) {
    this.#maxPerGrant = maxPerGrant;
  }

  /** @returns undefined, without calling it, when there are too many */
  async run<T>(grantId: string, count: () => Promise<T>): Promise<T | undefined> {
    const running = this.#running.get(grantId) ?? 0;
    if (running >= this.#maxPerGrant) return undefined;
    this.#running.set(grantId, running + 1);
    try {
      return await count();
    } finally {
      const left = (this.#running.get(grantId) ?? 1) - 1;
      if (left > 0) this.#running.set(grantId, left);
      else this.#running.delete(grantId);
    }
  }
}
