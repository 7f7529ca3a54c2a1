interface RunningServer {
  readonly url: string;
  readonly port: number;
  readonly close: () => Promise<void>;
}

interface Program {
  readonly process: NodeJS.Process;
  readonly log: { readonly info: (line: object) => void };
  /** Starts the server. When `signal` is aborted before the start has finished, it rejects with the signal's reason. */
  readonly start: (signal: AbortSignal) => Promise<RunningServer>;
}

/**
 * Runs a server until the process gets SIGINT or SIGTERM, or its parent process ends. A parent process is told when the
 * server listens.
 */
export async function runUntilStopped({ process, log, start }: Program): Promise<void> {
  const signal = watchForStop(process, log);
  try {
    const server = await start(signal);
    process.send?.({ event: 'listening', url: server.url, port: server.port });
    await untilAborted(signal);
    await server.close();
  } catch (error) {
    // This error means only that the process was asked to stop before the start had finished.
    if (!signal.aborted || error !== signal.reason) throw error;
  }
  log.info({ event: 'stopped' });
}

function watchForStop(process: NodeJS.Process, log: Program['log']): AbortSignal {
  const stopping = new AbortController();
  const stop = (reason: string) => {
    if (stopping.signal.aborted) return;
    log.info({ event: 'stopping', reason });
    stopping.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop(signal));
  process.once('disconnect', () => stop('disconnect'));
  // The channel to a parent process must not keep this process running.
  process.channel?.unref();
  return stopping.signal;
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
