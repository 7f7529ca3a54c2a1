import { rootOf } from '@aipassport/store/proxying';
import type { ProxyLimits } from '../limits.js';

/** An answer that is still read after its client has left. */
export interface Drain {
  /** @returns false when the answer is longer than may be read */
  readonly take: (bytes: number) => boolean;
  /** Releases the slot of this drain. May be called more than once. */
  readonly end: () => void;
}

export type DrainLimits = Pick<
  ProxyLimits,
  'maxDrains' | 'maxDrainsPerGrant' | 'maxDrainBytes' | 'maxDrainMilliseconds'
>;

/**
 * The answers that are read to their end after their client has left, so that their usage is known and charged. They
 * are limited in number, size and time, because the AI provider bills tokens that no client receives
 * (docs/decisions/0006).
 */
export class AnswerDrains {
  readonly #limits: DrainLimits;
  /** The number of drains in progress, by root grant: a grant and the grants below it share one number. */
  readonly #byGrant = new Map<string, number>();
  #size = 0;

  constructor(limits: DrainLimits) {
    this.#limits = limits;
  }

  /**
   * @param onTimeUp called once, unless the drain has ended before
   * @returns undefined when the maximum number of drains is reached, for the root grant of this grant or in total
   */
  begin(grantId: string, onTimeUp: () => void): Drain | undefined {
    const { maxDrains, maxDrainsPerGrant, maxDrainBytes, maxDrainMilliseconds } = this.#limits;
    const root = rootOf(grantId);
    const ofGrant = this.#byGrant.get(root) ?? 0;
    if (this.#size >= maxDrains || ofGrant >= maxDrainsPerGrant) return undefined;
    this.#size += 1;
    this.#byGrant.set(root, ofGrant + 1);
    const timer = setTimeout(onTimeUp, maxDrainMilliseconds);
    let bytesLeft = maxDrainBytes;
    let isOver = false;
    return {
      take: (bytes) => {
        bytesLeft -= bytes;
        return bytesLeft >= 0;
      },
      end: () => {
        if (isOver) return;
        isOver = true;
        clearTimeout(timer);
        this.#release(root);
      },
    };
  }

  #release(root: string): void {
    this.#size -= 1;
    const left = (this.#byGrant.get(root) ?? 0) - 1;
    if (left > 0) this.#byGrant.set(root, left);
    else this.#byGrant.delete(root);
  }
}
