import { setTimeout as sleep } from 'node:timers/promises';
import { decideRestart } from './decide-restart.js';
import { readLogEnd } from './read-log-end.js';
import { rejectOnAbort } from './reject-on-abort.js';

/** A program that runs. */
export interface Running {
  /** Resolves when it has ended without having been asked to, and says how. */
  readonly ended: Promise<string>;
}

export interface Kept {
  /** For people. */
  readonly name: string;
  readonly logFile: string;
  /** Starts it again. Rejects when it runs and is of no use; one that ends again is given back all the same. */
  readonly restart: () => Promise<Running>;
  readonly print: (line: string) => void;
  /** Ends the keeping, not what runs. */
  readonly signal: AbortSignal;
}

/**
 * Starts a program again when it ends by itself, after a pause that grows.
 *
 * @param first as it runs now
 * @throws the signal's reason
 * @throws Error with the end of its log when it ends too soon after it was started again, or too often
 */
export async function keepRunning(first: Running, { name, logFile, restart, print, signal }: Kept): Promise<never> {
  const endedAt: number[] = [];
  for (let running = first; ; ) {
    const how = await Promise.race([running.ended, rejectOnAbort(signal)]);
    endedAt.push(performance.now());
    const decision = decideRestart(endedAt);
    if (decision.kind === 'give_up')
      throw new Error(`The ${name} is gone: ${how}, ${decision.why}. ${readLogEnd(logFile)}`);
    print(`The ${name} is gone: ${how}. It is started again. Its log is ${logFile}.`);
    await sleep(decision.afterMilliseconds, undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
    running = await Promise.race([restart(), rejectOnAbort(signal)]);
  }
}
