import { type Server, type ServerProcess, startServer } from './server-process.js';

/**
 * Starts the servers, each once the one before it answers, and runs them for as long as the work takes.
 *
 * @param work gets a promise that rejects when a server ends by itself
 * @throws when a server does not come up; those that did are stopped
 */
export async function withServers(
  servers: readonly Server[],
  { signal, report }: { readonly signal: AbortSignal; readonly report: (server: string) => void },
  work: (broken: Promise<never>) => Promise<never>,
): Promise<never> {
  const running: ServerProcess[] = [];
  let fail: (error: Error) => void;
  const broken = new Promise<never>((_, reject) => {
    fail = reject;
  });
  broken.catch(() => undefined); // it may break before anybody waits for that
  try {
    for (const server of servers) {
      signal.throwIfAborted();
      const process = startServer(server);
      running.push(process);
      await Promise.race([process.ready, broken, rejectOnAbort(signal)]);
      report(server.name);
      void process.ended.then((why) => fail(new Error(`The ${server.name} is gone: ${why}. See ${server.logFile}`)));
    }
    return await work(broken);
  } finally {
    await Promise.all(running.map((process) => process.stop()));
  }
}

/** @returns a promise that rejects with the signal's reason */
export function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const rejectNow = () => reject(signal.reason as Error);
    if (signal.aborted) rejectNow();
    else signal.addEventListener('abort', rejectNow, { once: true });
  });
}
