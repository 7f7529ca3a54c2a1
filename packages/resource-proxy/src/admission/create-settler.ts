import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, isStatementRefused } from '@aipassport/store';
import { type Settlement, settleRequests } from '@aipassport/store/proxying';

export interface Settler {
  /**
   * Notes how an admitted request ended. The settlement is written soon, together with others. If this is called again
   * for the same request, only the first call counts.
   */
  readonly settle: (settlement: Settlement) => void;
  /** Waits until this request's settlement is written, but not longer than the given time. */
  readonly whenWritten: (requestId: string, timeoutMilliseconds: number) => Promise<void>;
  /**
   * Notes that any process may settle this request from now on. At the next renewal of its lease, this process stops
   * counting the request as open.
   */
  readonly handOver: (requestId: string) => void;
  /** The settlements that are not written yet, and how long the oldest of them has waited. */
  readonly pending: () => { readonly count: number; readonly oldestMilliseconds: number };
  /**
   * Waits until all settlements are written, but not longer than the given time. @returns how many settlements are not
   * written
   */
  readonly drain: (timeoutMilliseconds: number) => Promise<number>;
}

export interface SettlerOptions {
  readonly db: Database;
  readonly onError: (error: unknown) => void;
  /** Called when a settlement is written, with the time since `settle` was called for it. */
  readonly onSettled?: (settlement: Settlement, waitedMilliseconds: number) => void;
  /**
   * Called with the number of requests whose charge this process has corrected. Another process had charged them,
   * because it considered this process dead.
   */
  readonly onCorrected?: (requests: number) => void;
  readonly onHandedOver?: (requestId: string) => void;
}

interface Pending {
  readonly settlement: Settlement;
  /** `performance.now()` */
  readonly since: number;
}

/** How long settlements are gathered for one statement, because a statement for each settlement would cost more. */
const gatherMilliseconds = 20;
const retryMilliseconds = 500;
const maxItems = 512;

/**
 * Writes settlements in batches, one batch at a time, and tries again until the process ends. An attempt may be
 * repeated, because settling a request twice has the same effect as settling it once. If a process ends before it has
 * written a settlement, another process charges the whole reservation.
 */
export function createSettler({ db, onError, onSettled, onCorrected, onHandedOver }: SettlerOptions): Settler {
  const pending = new Map<string, Pending>();
  const waiting = new Map<string, () => void>();
  let writing: Promise<void> | undefined;
  let batchItems = maxItems;

  async function write(): Promise<void> {
    while (pending.size > 0) {
      await sleep(gatherMilliseconds);
      const batch = [...pending.values()].slice(0, batchItems);
      try {
        const settlements = batch.map(({ settlement }) => settlement);
        const { corrected } = await settleRequests(db, settlements);
        if (corrected > 0) onCorrected?.(corrected);
        batchItems = maxItems;
        for (const { settlement, since } of batch) {
          pending.delete(settlement.requestId);
          waiting.get(settlement.requestId)?.();
          onSettled?.(settlement, performance.now() - since);
        }
      } catch (error) {
        onError(error);
        if (isStatementRefused(error)) halveNextBatch(batch);
        else await sleep(retryMilliseconds, undefined, { ref: false });
      }
    }
    writing = undefined;
  }

  /**
   * Called when the database has refused one of these settlements. Halves the size of the next batch, until a batch
   * contains only the refused settlement. Otherwise that settlement would delay all others.
   */
  function halveNextBatch(batch: readonly Pending[]): void {
    const [refused, ...others] = batch;
    if (others.length > 0) {
      batchItems = Math.ceil(batch.length / 2);
      return;
    }
    batchItems = maxItems;
    if (refused === undefined) return;
    const { requestId, grantId, accountId, settlement, durationMilliseconds } = refused.settlement;
    pending.delete(requestId);
    // After a refusal, the whole reservation is charged instead. If the database refuses that settlement too, the
    // reservation stays until this process ends, and another process charges it.
    if (settlement === 'estimated' && durationMilliseconds === undefined) return;
    pending.set(requestId, {
      settlement: { requestId, grantId, accountId, settlement: 'estimated', cost: undefined },
      since: refused.since,
    });
  }

  return {
    settle: (settlement) => {
      if (!pending.has(settlement.requestId))
        pending.set(settlement.requestId, { settlement, since: performance.now() });
      writing ??= write();
    },
    whenWritten: async (requestId, timeoutMilliseconds) => {
      if (!pending.has(requestId)) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.set(requestId, resolve);
      const timer = setTimeout(resolve, timeoutMilliseconds);
      await promise;
      clearTimeout(timer);
      waiting.delete(requestId);
    },
    handOver: (requestId) => onHandedOver?.(requestId),
    pending: () => {
      const [oldest] = pending.values();
      const oldestMilliseconds = oldest === undefined ? 0 : performance.now() - oldest.since;
      return { count: pending.size, oldestMilliseconds };
    },
    drain: async (timeoutMilliseconds) => {
      await Promise.race([writing, sleep(timeoutMilliseconds, undefined, { ref: false })]);
      return pending.size;
    },
  };
}
