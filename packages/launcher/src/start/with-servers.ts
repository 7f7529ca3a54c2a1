import { keepRunning } from './keep-running.js';
import { rejectOnAbort } from './reject-on-abort.js';
import { type Server, type ServerProcess, startServer } from './server-process.js';

interface Surroundings {
  readonly signal: AbortSignal;
  /** Called when a server answers for the first time. */
  readonly report: (server: string) => void;
  readonly print: (line: string) => void;
}

/**
 * Starts each server when the one before it answers, and runs all of them while the work runs. A server that exits by
 * itself is restarted.
 *
 * @param work gets a promise that rejects when a server cannot be kept running
 * @throws when a server cannot be started. The servers that are running are stopped first
 */
export async function withServers(
  servers: readonly Server[],
  { signal, report, print }: Surroundings,
  work: (broken: Promise<never>) => Promise<never>,
): Promise<never> {
  const running: ServerProcess[] = [];
  const ending = new AbortController();
  const keeping: Promise<never>[] = [];
  const start = (server: Server, isRestart: boolean) => {
    const process = startServer(server, { isRestart });
    running.push(process);
    return process;
  };
  try {
    for (const server of servers) {
      signal.throwIfAborted();
      const first = start(server, false);
      await Promise.race([first.ready, ...keeping, rejectOnAbort(signal)]);
      report(server.name);
      const restart = () => useWhenReady(start(server, true));
      keeping.push(keepRunning(first, { ...server, restart, print, signal: AbortSignal.any([signal, ending.signal]) }));
      keeping.at(-1)?.catch(() => undefined); // it may reject before it is awaited
    }
    return await work(Promise.race(keeping));
  } finally {
    ending.abort();
    await Promise.all(running.map((process) => process.stop()));
  }
}

/**
 * Waits until the server is ready. If the server exits meanwhile, this resolves too: `keepRunning` then sees the exit
 * and decides whether to restart the server.
 * @throws when the server runs, but does not answer in time
 */
async function useWhenReady(process: ServerProcess): Promise<ServerProcess> {
  const isOver = Symbol('it is over');
  const outcome = await Promise.race([process.ready, process.ended.then(() => isOver)]).catch(
    (error: unknown) => error,
  );
  if (outcome instanceof Error && process.isRunning()) throw outcome;
  return process;
}
