/** Runs a batch. @returns the results in the order of the items */
export type RunBatch<Item, Result> = (items: readonly Item[]) => Promise<readonly Result[]>;

export type Batcher<Item, Result> = (item: Item) => Promise<Result>;

export interface BatcherOptions {
  readonly maxItems?: number;
  /**
   * When a batch starts, items that have waited longer than this are rejected. If they were run, all later items would
   * wait longer.
   */
  readonly maxWaitMilliseconds?: number;
  readonly refuse?: () => Error;
  /**
   * Whether an error is caused by a single item, and not by an outage of the database. If it is, the batch is halved
   * until only that item fails and the other items have their results.
   */
  readonly isAboutItem?: (error: unknown) => boolean;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  /** `performance.now()` */
  readonly since: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Adaptive batching: one batch runs at a time, and the items that arrive meanwhile form the next batch. A single item
 * is sent at once. Under load, a batch contains all items that arrived while the previous batch ran, up to `maxItems`,
 * so each item costs less.
 */
export function createBatcher<Item, Result>(
  runBatch: RunBatch<Item, Result>,
  {
    maxItems = 256,
    maxWaitMilliseconds = Number.POSITIVE_INFINITY,
    refuse = waitedTooLong,
    isAboutItem = () => false,
  }: BatcherOptions = {},
): Batcher<Item, Result> {
  let waiting: Waiting<Item, Result>[] = [];
  let isBusy = false;

  async function runNext(): Promise<void> {
    const oldest = performance.now() - maxWaitMilliseconds;
    const inTime = waiting.findIndex(({ since }) => since >= oldest);
    for (const { reject } of waiting.splice(0, inTime === -1 ? waiting.length : inTime)) reject(refuse());
    const batch = waiting.splice(0, maxItems);
    if (batch.length === 0) {
      isBusy = false;
      return;
    }
    const deliver = await run(batch);
    // Send the next batch before the callers of this batch continue. Then the database and the callers work at the same
    // time.
    if (waiting.length > 0) setImmediate(deliver);
    else deliver();
    void runNext();
  }

  /** @returns a function that passes the results, or the error, to the callers */
  async function run(batch: readonly Waiting<Item, Result>[]): Promise<() => void> {
    try {
      const results = await runBatch(batch.map(({ item }) => item));
      return () => deliverResults(batch, results);
    } catch (error) {
      if (batch.length > 1 && isAboutItem(error)) return runInHalves(batch);
      return () => {
        for (const { reject } of batch) reject(error);
      };
    }
  }

  async function runInHalves(batch: readonly Waiting<Item, Result>[]): Promise<() => void> {
    const middle = Math.ceil(batch.length / 2);
    const deliverFirst = await run(batch.slice(0, middle));
    deliverFirst();
    return run(batch.slice(middle));
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, since: performance.now(), resolve, reject });
      if (isBusy) return;
      isBusy = true;
      // Items that arrive in the same turn of the event loop join this batch.
      setImmediate(() => void runNext());
    });
}

function deliverResults<Item, Result>(batch: readonly Waiting<Item, Result>[], results: readonly Result[]): void {
  batch.forEach(({ resolve, reject }, index) => {
    if (index in results) resolve(results[index] as Result);
    else reject(new Error('the batch has no result for this item'));
  });
}

function waitedTooLong(): Error {
  return new Error('the previous batch took too long');
}
