import { setTimeout as sleep } from 'node:timers/promises';
import { decideRestart } from './decide-restart.js';
import { readLogEnd } from './read-log-end.js';
import { rejectOnAbort } from './reject-on-abort.js';

/** A running program. */
export interface Running {
  /** Resolves with a description when the program exits without having been stopped. */
  readonly ended: Promise<string>;
}

export interface SupervisedProgram {
  /** The program's name, for people. */
  readonly name: string;
  readonly logFile: string;
  /**
   * Restarts the program. The promise resolves when the program works. It may also resolve when the program has exited
   * again. It rejects when the restart has failed; then the program is not restarted again.
   */
  readonly restart: () => Promise<Running>;
  readonly print: (line: string) => void;
  /** Stops the supervision; the program keeps running. */
  readonly signal: AbortSignal;
}

/**
 * Restarts a program each time it exits by itself, after pauses that grow.
 *
 * @param first the running program
 * @throws the signal's reason, when the supervision is stopped
 * @throws Error with the end of the program's log, when the program exits twice within a minute, or too often
 * @throws what `restart` throws
 */
export async function keepRunning(
  first: Running,
  { name, logFile, restart, print, signal }: SupervisedProgram,
): Promise<never> {
  const endedAt: number[] = [];
  for (let running = first; ; ) {
    const how = await Promise.race([running.ended, rejectOnAbort(signal)]);
    endedAt.push(performance.now());
    const decision = decideRestart(endedAt);
    if (decision.kind === 'give_up')
      throw new Error(`The ${name} has ended: ${how}, ${decision.why}. ${readLogEnd(logFile)}`);
    print(`The ${name} has ended: ${how}. It is being restarted. Its log is ${logFile}.`);
    await sleep(decision.afterMilliseconds, undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
    running = await Promise.race([restart(), rejectOnAbort(signal)]);
  }
}
