import { availableParallelism } from 'node:os';
import type { BodyWorkerLimits } from './preparing/body-worker-limits.js';
import type { BodyMemoryLimits } from './reading/body-memory.js';

const megabyte = 1024 * 1024;

/** Limits in bytes and time, together with their reasons. Tests shorten them; operators need not know them. */
export interface ProxyLimits {
  readonly maxJsonBodyBytes: number;
  readonly maxUploadBytes: number;
  readonly bodyMemory: BodyMemoryLimits;
  readonly bodyWorkers: BodyWorkerLimits;
  readonly smallBodyBytes: number;
  readonly smallBodyValues: number;
  readonly uncheckedBodyBytes: number;
  readonly minBodyBytesPerSecond: number;
  readonly minLargeBodyBytesPerSecond: number;
  readonly bodyRateWindowMilliseconds: number;
  readonly countTimeoutMilliseconds: number;
  readonly maxCountsPerGrant: number;
  readonly connectTimeoutMilliseconds: number;
  readonly answerTimeoutMilliseconds: number;
  readonly idleTimeoutMilliseconds: number;
  readonly keepAliveMilliseconds: number;
  readonly maxExchangeMilliseconds: number;
  readonly stalledClientMilliseconds: number;
  readonly maxDrainMilliseconds: number;
  readonly maxDrainBytes: number;
  readonly maxDrains: number;
  readonly maxDrainsPerGrant: number;
  readonly maxBudgetWaitMilliseconds: number;
  readonly budgetPollMilliseconds: number;
  readonly unreadyMilliseconds: number;
  readonly stopGraceMilliseconds: number;
  readonly revocationPollMilliseconds: number;
  readonly maxWithoutRevocationsMilliseconds: number;
  readonly refusedTokenMilliseconds: number;
}

export const defaultLimits: ProxyLimits = {
  /** No vendor accepts a request of more than 32 MB. */
  maxJsonBodyBytes: 32 * 1024 * 1024,
  /** Vendors accept 25 MB of audio. The other megabyte is for the form around it. */
  maxUploadBytes: 26 * 1024 * 1024,
  /**
   * The memory for all request bodies at one time. Each body counts twice until it is ready to be sent. One grant may
   * use as much as one body of the maximum size needs, and one account may use one and a half times as much. The
   * reserve is for a thousand small requests.
   */
  bodyMemory: {
    totalBytes: 112 * megabyte,
    perAccountBytes: 96 * megabyte,
    perGrantBytes: 65 * megabyte,
    reserveBytes: 16 * megabyte,
    smallBytes: megabyte,
  },
  bodyWorkers: {
    // One core is left for the event loop. More than four threads would save too little time for the memory that they
    // take.
    threads: Math.max(1, Math.min(4, availableParallelism() - 1)),
    /** The most demanding accepted bodies need 64 MB, and two tokenizers keep 28 MB. */
    heapMegabytes: 112,
    /** Preparing the largest bodies takes a second, and longer on a busy machine. */
    timeoutMilliseconds: 30_000,
    /**
     * A thread ends when it has been idle for this time. A thread takes 40 MB, and its start takes a third of a second.
     */
    idleMilliseconds: 30_000,
    queue: { total: 256, perAccount: 32, perGrant: 16 },
  },
  /** Smaller bodies, with fewer values, are checked within some milliseconds, so they are checked in the event loop. */
  smallBodyBytes: 256 * 1024,
  smallBodyValues: 10_000,
  /** At most this part of a body is read before the grant of the request is checked. */
  uncheckedBodyBytes: 64 * 1024,
  /**
   * The minimum rate of a body, so that a slow body does not occupy a connection. A phone on a slow network sends ten
   * times as fast.
   */
  minBodyBytesPerSecond: 1_000,
  /**
   * The minimum rate after `uncheckedBodyBytes` of a body have arrived: 128 kbit/s. It is higher, because a large body
   * takes memory.
   */
  minLargeBodyBytesPerSecond: 16_000,
  bodyRateWindowMilliseconds: 5_000,
  /**
   * How long a request waits for budget that other requests have reserved. If those requests end within some seconds,
   * no retry is needed. No client gives up within this time.
   */
  maxBudgetWaitMilliseconds: 5_000,
  /**
   * Requests that wait for the same budget form a line. The first request in a line asks the database again after this
   * time, and then after longer and longer pauses. It asks sooner if a request of the same tree of grants ends in the
   * same process.
   */
  budgetPollMilliseconds: 20,
  /**
   * The time limit for a request that asks a vendor to count the tokens of a prompt. Even a long prompt is counted in
   * less than a second.
   */
  countTimeoutMilliseconds: 3_000,
  /**
   * The number of prompts whose tokens may be counted for one tree of grants at a time. A vendor lets a new customer
   * count only 100 prompts a minute.
   */
  maxCountsPerGrant: 4,
  connectTimeoutMilliseconds: 5_000,
  /** The SDKs wait 10 minutes, because reasoning models may think that long before the first byte. */
  answerTimeoutMilliseconds: 600_000,
  /** The longest time between two chunks of an answer. A model may also think after its first words. */
  idleTimeoutMilliseconds: 600_000,
  /**
   * After a stream has been silent for this time, a comment, an event `ping` or an empty line is sent on it, depending
   * on the dialect. Other proxies on the way may close a silent connection after a minute.
   */
  keepAliveMilliseconds: 15_000,
  maxExchangeMilliseconds: 3_600_000,
  /**
   * A client that does not read keeps open an upstream connection for which the owner pays. A client that plays speech
   * while it arrives may read nothing for a minute.
   */
  stalledClientMilliseconds: 180_000,
  /**
   * How long an answer is read after its client has left. Most answers end within this time. All other answers are
   * aborted, because the owner pays for output that no client reads.
   */
  maxDrainMilliseconds: 30_000,
  /** A fast model writes a quarter of this size in `maxDrainMilliseconds`, including the framing of each token. */
  maxDrainBytes: 4 * 1024 * 1024,
  /**
   * Each drain keeps open a connection to the AI provider. It keeps in memory at most 64 kB of the request's body, once
   * the body has been sent, and at most as much of the answer as a meter keeps.
   */
  maxDrains: 32,
  /** A grant whose client leaves again and again must not use up the drains of other grants. */
  maxDrainsPerGrant: 4,
  /**
   * A stopping server is unready for this time before it refuses requests, so that load balancers can send new requests
   * to other servers.
   */
  unreadyMilliseconds: 5_000,
  stopGraceMilliseconds: 3_000,
  /** Polling finds expired grants, and revocations whose notification was lost. */
  revocationPollMilliseconds: 1_000,
  /**
   * How long streams may run while neither notifications nor polling work. A failover of the database takes less time.
   */
  maxWithoutRevocationsMilliseconds: 60_000,
  /** How long the authorization server is not asked again about a token that it did not accept. */
  refusedTokenMilliseconds: 10_000,
};
