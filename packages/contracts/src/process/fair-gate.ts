export interface FairGateOptions {
  readonly maxUnderWay: number;
  readonly maxWaiting: number;
}

/**
 * The error of a task that is rejected because too many tasks are waiting. The rejected task is either the task that
 * was about to wait, or the newest task of the share with the most waiting tasks.
 */
export class GateFullError extends Error {
  override readonly name = 'GateFullError';
}

interface Waiting {
  readonly start: () => void;
  readonly giveUp: (error: GateFullError) => void;
}

/**
 * Runs a few tasks at a time and lets some wait. Each task belongs to a share, which the caller names. The shares take
 * turns, so that many tasks of one share do not delay the tasks of another share.
 */
export class FairGate {
  readonly #options: FairGateOptions;
  /** The waiting tasks of each share. The shares are in the order of their turns. */
  readonly #waiting = new Map<string, Waiting[]>();
  #waitingCount = 0;
  #underWay = 0;

  constructor(options: FairGateOptions) {
    this.#options = options;
  }

  /** @throws GateFullError */
  async run<T>(share: string, task: () => Promise<T>): Promise<T> {
    if (this.#underWay >= this.#options.maxUnderWay) await this.#wait(share);
    else this.#underWay += 1;
    try {
      return await task();
    } finally {
      this.#next();
    }
  }

  #wait(share: string): Promise<void> {
    if (this.#waitingCount >= this.#options.maxWaiting) this.#makeRoom(share);
    return new Promise((resolve, reject) => {
      const queue = this.#waiting.get(share) ?? [];
      queue.push({ start: resolve, giveUp: reject });
      this.#waiting.set(share, queue);
      this.#waitingCount += 1;
    });
  }

  /**
   * Called when the maximum number of tasks is waiting. If the largest share has at least two more waiting tasks than
   * this share, its newest task is rejected to make room. Otherwise the new task is rejected.
   * @throws GateFullError when the new task is rejected
   */
  #makeRoom(share: string): void {
    let largest: Waiting[] = [];
    for (const queue of this.#waiting.values()) if (queue.length > largest.length) largest = queue;
    const own = this.#waiting.get(share)?.length ?? 0;
    const last = largest.length > own + 1 ? largest.pop() : undefined;
    if (last === undefined) throw new GateFullError('too many tasks are waiting');
    this.#waitingCount -= 1;
    last.giveUp(new GateFullError('too many tasks of this share are waiting'));
  }

  /** A task has ended: start the next waiting task, if there is one. */
  #next(): void {
    const [share, queue] = this.#waiting.entries().next().value ?? ['', []];
    const next = queue.shift();
    if (next === undefined) {
      this.#underWay -= 1;
      return;
    }
    this.#waitingCount -= 1;
    this.#waiting.delete(share);
    if (queue.length > 0) this.#waiting.set(share, queue);
    next.start();
  }
}
