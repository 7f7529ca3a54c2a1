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
   * The memory for all request bodies at one time. Each body counts twice until it is ready to be sent. A grant may
   * hold one of the largest bodies, an account one and a half. The reserve is for a thousand small requests beside
   * them.
   */
  bodyMemory: {
    totalBytes: 112 * megabyte,
    perAccountBytes: 96 * megabyte,
    perGrantBytes: 65 * megabyte,
    reserveBytes: 16 * megabyte,
    smallBytes: megabyte,
  },
  bodyWorkers: {
    // One core is left for the event loop. More than four threads would cost more memory than the time they save is
    // worth.
    threads: Math.max(1, Math.min(4, availableParallelism() - 1)),
    /** The most demanding accepted bodies need 64, and a tokenizer 24. */
    heapMegabytes: 112,
    /** The largest bodies take a second, and longer on a busy machine. */
    timeoutMilliseconds: 30_000,
    /** Starting a thread takes a third of a second and 40 MB. */
    idleMilliseconds: 30_000,
    queue: { total: 256, perAccount: 32, perGrant: 16 },
  },
  /** Bodies that are checked within some milliseconds are checked in the event loop. */
  smallBodyBytes: 256 * 1024,
  smallBodyValues: 10_000,
  /** The part of a body that is read before its grant is checked. */
  uncheckedBodyBytes: 64 * 1024,
  /** A body that trickles holds a connection for nothing: a slow phone sends ten times as much. */
  minBodyBytesPerSecond: 1_000,
  /** The minimum rate of a body that takes memory: 128 kbit/s. */
  minLargeBodyBytesPerSecond: 16_000,
  bodyRateWindowMilliseconds: 5_000,
  /** For money that others hold. Answers of some seconds then need no retry, and no client gives up so soon. */
  maxBudgetWaitMilliseconds: 5_000,
  /** A vendor counts a long prompt in less than a second. */
  countTimeoutMilliseconds: 3_000,
  /** A vendor lets a new customer count 100 requests a minute. */
  maxCountsPerGrant: 4,
  connectTimeoutMilliseconds: 5_000,
  /** The SDKs wait 10 minutes: reasoning models think that long before the first byte. */
  answerTimeoutMilliseconds: 600_000,
  /** Between two chunks of an answer: a model may think as long after its first words. */
  idleTimeoutMilliseconds: 600_000,
  /** After this silence a stream says that it is alive. Others on the way cut it after a minute. */
  keepAliveMilliseconds: 15_000,
  maxExchangeMilliseconds: 3_600_000,
  /**
   * A client that does not read keeps an upstream connection busy that is being paid for. One that plays speech while it
   * arrives reads nothing for a minute at a time.
   */
  stalledClientMilliseconds: 180_000,
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
  /** Gives load balancers time to stop sending requests before any is refused. */
  unreadyMilliseconds: 5_000,
  stopGraceMilliseconds: 3_000,
  /** Finds expired grants, and revocations whose notification was lost. */
  revocationPollMilliseconds: 1_000,
  /** How long streams may run while nothing can be heard of revocations: longer than a database's failover. */
  maxUnheardMilliseconds: 60_000,
};
