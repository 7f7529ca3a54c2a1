import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { isError } from '@aipassport/contracts';
import type { Logger } from 'pino';
import { Piscina } from 'piscina';
import { type Denial, Denied } from '../denials/denial.js';
import type { BodyWorkerLimits } from './body-worker-limits.js';
import { type BodyOwner, FairQueue, type QueueFull } from './fair-queue.js';
import type { PreparationAnswer, PreparationTask, RecordingTask, WorkerSetup } from './prepare-in-worker.js';

export interface BodyWorkersOptions {
  readonly setup: WorkerSetup;
  readonly limits: BodyWorkerLimits;
  readonly log: Logger;
}

/** A body that waits for a thread or is being prepared in one. */
export interface BodyJob<Task = PreparationTask> {
  readonly owner: BodyOwner;
  readonly task: Task;
  /**
   * Returns the reason why the body is no longer needed; undefined while it is needed. Called when a thread is free for
   * the body.
   */
  readonly findCut: () => Denial | undefined;
}

interface Waiting extends BodyJob<PreparationTask | RecordingTask> {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

const program = fileURLToPath(new URL('./prepare-in-worker.js', import.meta.url));

/**
 * Threads that prepare large bodies, so that the event loop is not blocked. They start on demand and end when idle,
 * which frees their memory. When a thread runs out of memory or time, only its request fails, and the thread is
 * replaced.
 */
export class BodyWorkers {
  readonly #options: BodyWorkersOptions;
  readonly #queue: FairQueue<Waiting>;
  #pool: Piscina | undefined;
  #running = 0;
  #isClosed = false;

  constructor(options: BodyWorkersOptions) {
    this.#options = options;
    this.#queue = new FairQueue(options.limits.queue);
  }

  /**
   * Prepares one body. Its pieces are transferred to the thread. The answer contains the body in one piece.
   * @throws Denied `body_too_heavy`, `body_share_exceeded`, `overloaded` or `stopping`, or the reason why the body is
   * no longer needed
   */
  async prepare(job: BodyJob): Promise<PreparationAnswer> {
    return (await this.#ask(job)) as PreparationAnswer; // the answer of `prepareInWorker`
  }

  /**
   * Measures a recording, whose pieces are transferred to the thread and freed there.
   * @returns whole seconds; undefined when the length of the recording cannot be determined reliably
   * @throws Denied as `prepare` does
   */
  async measure(job: BodyJob<RecordingTask>): Promise<number | undefined> {
    return (await this.#ask(job)) as number | undefined; // the answer of `measureRecording`
  }

  #ask(job: BodyJob<PreparationTask | RecordingTask>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(new Denied({ reason: 'stopping' }));
      const full = this.#queue.push(job.owner, { ...job, resolve, reject });
      if (full !== undefined) return reject(new Denied(denialOfFull(full)));
      this.#startNext();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (let job = this.#queue.shift(); job !== undefined; job = this.#queue.shift())
      job.reject(new Denied({ reason: 'stopping' }));
    await this.#pool?.destroy();
  }

  #startNext(): void {
    while (this.#running < this.#options.limits.threads) {
      const job = this.#queue.shift();
      if (job === undefined) return;
      const cut = job.findCut();
      if (cut === undefined) void this.#run(job);
      else job.reject(new Denied(cut));
    }
  }

  async #run({ task, resolve, reject }: Waiting): Promise<void> {
    this.#running += 1;
    try {
      this.#pool ??= this.#createPool();
      const answer: unknown = await this.#pool.run(task, {
        transferList: task.pieces.map(({ buffer }) => buffer),
        signal: AbortSignal.timeout(this.#options.limits.timeoutMilliseconds),
      });
      resolve(answer);
    } catch (error) {
      reject(this.#describe(error));
    } finally {
      this.#running -= 1;
      this.#startNext();
    }
  }

  #describe(error: unknown): Denied {
    if (this.#isClosed) return new Denied({ reason: 'stopping' }, { cause: error });
    const detail = findExhausted(error);
    if (detail !== undefined) return new Denied({ reason: 'body_too_heavy', detail }, { cause: error });
    this.#options.log.error({ event: 'body_worker_failed', err: error }, 'a body could not be prepared');
    return new Denied({ reason: 'overloaded' }, { cause: error });
  }

  #createPool(): Piscina {
    const { setup, limits, log } = this.#options;
    // V8 applies the program's own heap limit to threads too, unless it is reset here. The program's heap keeps its
    // limit.
    setFlagsFromString('--max-old-space-size=0');
    const pool = new Piscina({
      filename: program,
      workerData: setup,
      minThreads: 0,
      maxThreads: limits.threads,
      idleTimeout: limits.idleMilliseconds,
      resourceLimits: { maxOldGenerationSizeMb: limits.heapMegabytes },
      // An idle thread waits in its event loop, so that its garbage is collected.
      atomics: 'disabled',
      // The thread must not see the environment, which contains secrets.
      env: {},
    });
    // The pool emits this event when an idle thread fails.
    pool.on('error', (error) => log.error({ event: 'body_worker_failed', err: error }, 'a thread for bodies failed'));
    return pool;
  }
}

/** @returns the resource that a thread ran out of; undefined for any other failure */
function findExhausted(error: unknown): 'memory' | 'time' | undefined {
  if (!isError(error)) return undefined;
  if (error.name === 'AbortError') return 'time';
  return 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : undefined;
}

function denialOfFull(full: QueueFull): Denial {
  return full === 'total' ? { reason: 'overloaded' } : { reason: 'body_share_exceeded', of: full };
}
