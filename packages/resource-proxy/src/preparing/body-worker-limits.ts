import type { QueueLimits } from './fair-queue.js';

/** Bounds of the threads that prepare large bodies. */
export interface BodyWorkerLimits {
  readonly threads: number;
  /** The heap of one thread. If a body needs more, only its own request fails. */
  readonly heapMegabytes: number;
  /** The time limit for one body, from the moment when a thread is free. */
  readonly timeoutMilliseconds: number;
  readonly idleMilliseconds: number;
  /** The maximum number of bodies that wait for a thread. */
  readonly queue: QueueLimits;
}
