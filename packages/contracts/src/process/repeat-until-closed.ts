import { setTimeout as sleep } from 'node:timers/promises';

export interface Repetition {
  /** Waits for the call in progress, whose `signal` is aborted. Nothing is called afterwards. */
  readonly close: () => Promise<void>;
}

/** For background work that the configuration switches off. */
export const noRepetition: Repetition = { close: () => Promise.resolve() };

/**
 * Calls `work` in the background, with a pause after each call.
 * @param work must not reject, because that would end the repetition. It may return the length of the pause after this
 * call.
 */
export function repeatUntilClosed(
  pauseMilliseconds: number,
  work: (signal: AbortSignal) => Promise<number | undefined | void>,
): Repetition {
  const closing = new AbortController();
  const { signal } = closing;

  async function run(): Promise<void> {
    while (!signal.aborted) {
      const pause = (await work(signal)) ?? pauseMilliseconds;
      if (pause > 0) await sleep(pause, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  const running = run();
  return {
    close: async () => {
      closing.abort();
      await running;
    },
  };
}
