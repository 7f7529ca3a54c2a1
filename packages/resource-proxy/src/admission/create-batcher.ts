/** Runs a batch. @returns the results in the order of the items */
export type RunBatch<Item, Result> = (items: readonly Item[]) => Promise<readonly Result[]>;

export type Batcher<Item, Result> = (item: Item) => Promise<Result>;

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Adaptive batching: one batch is under way at a time, and whatever arrives meanwhile is the next. A lone item waits
 * for nothing; under load a batch grows to what arrived during the one before it, and each item costs less.
 */
export function createBatcher<Item, Result>(
  runBatch: RunBatch<Item, Result>,
  { maxItems = 256 } = {},
): Batcher<Item, Result> {
  let waiting: Waiting<Item, Result>[] = [];
  let isBusy = false;

  async function runNext(): Promise<void> {
    const batch = waiting.splice(0, maxItems);
    if (batch.length === 0) {
      isBusy = false;
      return;
    }
    try {
      const results = await runBatch(batch.map(({ item }) => item));
      batch.forEach(({ resolve, reject }, index) => {
        if (index in results) resolve(results[index] as Result);
        else reject(new Error('the batch has no result for this item'));
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    void runNext();
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (isBusy) return;
      isBusy = true;
      // What else this turn of the event loop reads from its sockets goes along.
      setImmediate(() => void runNext());
    });
}
