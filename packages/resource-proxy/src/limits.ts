import { availableParallelism } from 'node:os';
import type { BodyWorkerLimits } from './preparing/body-workers.js';
import type { BodyMemoryLimits } from './reading/body-memory.js';

const megabyte = 1024 * 1024;

/** Bounds in bytes and time, together with their reasons. Tests shorten them; operators need not know them. */
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
  readonly connectTimeoutMilliseconds: number;
  readonly answerTimeoutMilliseconds: number;
  readonly idleTimeoutMilliseconds: number;
  readonly maxExchangeMilliseconds: number;
  readonly stalledClientMilliseconds: number;
  readonly maxDrainMilliseconds: number;
  readonly maxDrainBytes: number;
  readonly maxDrains: number;
  readonly maxDrainsPerGrant: number;
  readonly unreadyMilliseconds: number;
  readonly stopGraceMilliseconds: number;
  readonly revocationPollMilliseconds: number;
  readonly maxUnheardMilliseconds: number;
}

export const defaultLimits: ProxyLimits = {
  /** Anthropic takes 32 MB a request, the others less or as much. */
  maxJsonBodyBytes: 32 * 1024 * 1024,
  /** OpenAI takes 25 MB of audio; the rest is for the form around it. */
  maxUploadBytes: 26 * 1024 * 1024,
  /**
   * Of all request bodies that are in memory at one time, each counted twice until it is ready to be sent. A grant may
   * have one of the largest, and an account one and a half; the reserve is for the thousand small requests beside them.
   */
  bodyMemory: {
    totalBytes: 112 * megabyte,
    perAccountBytes: 96 * megabyte,
    perGrantBytes: 65 * megabyte,
    reserveBytes: 16 * megabyte,
    smallBytes: megabyte,
  },
  bodyWorkers: {
    // One core is left to the event loop, and more threads than this would take more memory than they save time.
    threads: Math.max(1, Math.min(4, availableParallelism() - 1)),
    /** The worst of all bodies that are accepted get along with 64. */
    heapMegabytes: 96,
    /** The largest take a second; a machine with too much to do takes longer. */
    timeoutMilliseconds: 30_000,
    /** A thread is started in a third of a second, and takes 40 MB. */
    idleMilliseconds: 30_000,
    queue: { total: 256, perAccount: 32, perGrant: 16 },
  },
  /** What is checked within some milliseconds is checked where it is. */
  smallBodyBytes: 256 * 1024,
  smallBodyValues: 10_000,
  /** Of a body, before its grant is looked at. */
  uncheckedBodyBytes: 64 * 1024,
  /** A body that trickles holds a connection for nothing: a slow phone sends ten times as much. */
  minBodyBytesPerSecond: 1_000,
  /** Of one that takes memory, besides: 128 kbit/s. */
  minLargeBodyBytesPerSecond: 16_000,
  bodyRateWindowMilliseconds: 5_000,
  connectTimeoutMilliseconds: 5_000,
  /** The SDKs wait 10 minutes: reasoning models think that long before the first byte. */
  answerTimeoutMilliseconds: 600_000,
  /** Between two chunks of an answer. */
  idleTimeoutMilliseconds: 300_000,
  maxExchangeMilliseconds: 3_600_000,
  /** A client that does not read keeps an upstream connection busy that is being paid for. */
  stalledClientMilliseconds: 30_000,
  /**
   * How long an answer is read on after its client has left. Most answers end within it; for the others somebody pays
   * who reads none of it, so they are given up.
   */
  maxDrainMilliseconds: 30_000,
  /** In that time a fast model writes a quarter of this, with all that streams put around each token. */
  maxDrainBytes: 4 * 1024 * 1024,
  /** Each holds a connection to the AI provider, and a body of a request; of an answer at most what a meter keeps. */
  maxDrains: 32,
  /** So that whoever opens and leaves, again and again, takes no place from others. */
  maxDrainsPerGrant: 4,
  /** For load balancers to notice that no new request should come here, before any is refused. */
  unreadyMilliseconds: 5_000,
  stopGraceMilliseconds: 3_000,
  /** Finds expired grants, and revocations whose notification was lost. */
  revocationPollMilliseconds: 1_000,
  /** How long streams may run while nothing can be heard of revocations: longer than a database's failover. */
  maxUnheardMilliseconds: 60_000,
};
