import { rootOf } from '@aipassport/store/proxying';

/** The resource that a request waits for, because other requests of its tree of grants have reserved it. */
export type Shortage = 'money' | 'tokens' | 'streams';

/** The place of one request in a line. */
export interface Place {
  /** Whether this request is the first of its line, in this process. */
  readonly isFirst: () => boolean;
  /**
   * Resolves when money, tokens or a stream may be free, when this request becomes the first, or when the given time
   * has passed.
   */
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly leave: () => void;
}

/** A waiting request: the resource that it waits for, the money that it needs, and since when it waits. */
export interface WaitingRequest {
  readonly grantId: string;
  readonly shortage: Shortage;
  /** The least money that the request needs. */
  readonly share: bigint;
  /** `performance.now()` */
  readonly since: number;
}

/** The waiting requests of each grant, in one line for each shortage, in the order in which they came. */
export interface WaitingLines {
  /** @returns undefined when too many requests of the grant wait already */
  readonly join: (claim: WaitingRequest) => Place | undefined;
  readonly findFirst: (shortage: Shortage, grantId: string) => WaitingRequest | undefined;
  /**
   * Call this when money, tokens or a stream of the grant became free. It wakes the first request of each line in the
   * grant's tree.
   */
  readonly wake: (grantId: string) => void;
}

interface Waiter {
  readonly claim: WaitingRequest;
  /** Ends the current pause. If there is none, the next pause ends at once. */
  wake: () => void;
}

/**
 * The longest line. Only the first request of a line asks the database, so a grant that always reaches its limits
 * causes few statements.
 */
const maxWaiting = 64;

/**
 * Requests wait in the order in which they came. Otherwise small requests could keep a large one waiting. Each process
 * has its own lines.
 */
export function createWaitingLines(): WaitingLines {
  /** The lines of each tree of grants, by the grant at its top. */
  const trees = new Map<string, Map<string, Waiter[]>>();
  const keyOf = (shortage: Shortage, grantId: string) => `${shortage} ${grantId}`;
  return {
    findFirst: (shortage, grantId) => trees.get(rootOf(grantId))?.get(keyOf(shortage, grantId))?.[0]?.claim,
    wake: (grantId) => {
      for (const [first] of trees.get(rootOf(grantId))?.values() ?? []) first?.wake();
    },
    join: (claim) => {
      const root = rootOf(claim.grantId);
      const lines = trees.get(root) ?? new Map<string, Waiter[]>();
      const key = keyOf(claim.shortage, claim.grantId);
      const line = lines.get(key) ?? [];
      if (line.length >= maxWaiting) return undefined;
      const { waiter, pause } = createWaiter(claim);
      line.push(waiter);
      trees.set(root, lines.set(key, line));
      const leave = () => {
        line.splice(line.indexOf(waiter), 1);
        if (line.length === 0) lines.delete(key);
        if (lines.size === 0) trees.delete(root);
        line[0]?.wake();
      };
      return { isFirst: () => line[0] === waiter, pause, leave };
    },
  };
}

function createWaiter(claim: WaitingRequest): { readonly waiter: Waiter; readonly pause: Place['pause'] } {
  let isWoken = false;
  let end = () => undefined as void;
  const wake = () => {
    isWoken = true;
    end();
  };
  const pause = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(() => end(), milliseconds);
      end = () => {
        clearTimeout(timer);
        isWoken = false;
        resolve();
      };
      if (isWoken) end();
    });
  return { waiter: { claim, wake }, pause };
}
