import { rootOf } from '@aipassport/store/proxying';

/**
 * Limits how many counts each grant may run at a time, together with the other grants of its tree. The vendor limits
 * how often an owner may count, and one grant must not use up this limit.
 */
export class CountGate {
  readonly #running = new Map<string, number>();
  readonly #maxPerGrant: number;

  constructor(maxPerGrant: number) {
    this.#maxPerGrant = maxPerGrant;
  }

  /** @returns undefined, without calling `count`, when too many counts are under way */
  async run<T>(grantId: string, count: () => Promise<T>): Promise<T | undefined> {
    const root = rootOf(grantId);
    const running = this.#running.get(root) ?? 0;
    if (running >= this.#maxPerGrant) return undefined;
    this.#running.set(root, running + 1);
    try {
      return await count();
    } finally {
      const left = (this.#running.get(root) ?? 1) - 1;
      if (left > 0) this.#running.set(root, left);
      else this.#running.delete(root);
    }
  }
}
