import { rootOf } from '@aipassport/store/proxying';

/**
 * Limits how many prompts may have their tokens counted by the vendor at a time, for all grants of one tree together.
 * The vendor limits how often an owner may count, and one tree must not use up this limit.
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
