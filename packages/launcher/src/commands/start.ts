import { runEverything } from '../start/run-everything.js';
import type { CommandContext } from './context.js';

/** The abort reason of a start that is stopped on purpose. */
class Stopped extends Error {}

/**
 * The launcher exits at the latest this long after it was told to stop, even if a program hangs. The next start stops
 * a PostgreSQL that still runs.
 */
const lastMilliseconds = 4800;

/** `start`: runs everything until Ctrl-C, or until the process that started this process has ended. */
export async function start({ environment, variables, print, now }: CommandContext): Promise<void> {
  const stopping = new AbortController();
  const stop = (why: string) => {
    if (stopping.signal.aborted) return;
    print(`Stopping: ${why}.`);
    setTimeout(() => process.exit(1), lastMilliseconds).unref();
    stopping.abort(new Stopped());
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(signal));
  process.on('disconnect', () => stop('the process that started this is gone'));
  process.channel?.unref(); // this listener must not keep the process alive after the start has ended or failed
  try {
    await runEverything({ environment, variables, print, now, signal: stopping.signal });
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    print('Stopped.');
  }
}
