import { Denied } from '../denials/denial.js';

/** The memory that all request bodies together may take in this process. */
export class BodyBudget {
  readonly #maxBytes: number;
  #heldBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** @throws Denied `overloaded` */
  take(bytes: number): void {
    if (this.#heldBytes + bytes > this.#maxBytes) throw new Denied({ reason: 'overloaded' });
    this.#heldBytes += bytes;
  }

  giveBack(bytes: number): void {
    this.#heldBytes -= bytes;
  }
}
