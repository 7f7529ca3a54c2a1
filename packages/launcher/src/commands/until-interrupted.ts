/**
 * After a signal, the work has this long to end. Then the process exits, because a database that does not answer must
 * not delay the exit. The database itself cancels the statements of a process that has exited.
 */
const patienceMilliseconds = 5_000;

/**
 * Runs work that may take long and must clean up after Ctrl-C or SIGTERM.
 *
 * @param work ends soon after its signal is aborted
 */
export async function untilInterrupted<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const interrupted = new AbortController();
  const interrupt = (name: NodeJS.Signals) => {
    if (interrupted.signal.aborted) return;
    setTimeout(() => process.exit(1), patienceMilliseconds).unref();
    interrupted.abort(new Error(`Ended by ${name}. Run the command again to do the rest.`));
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, interrupt);
  try {
    return await work(interrupted.signal);
  } finally {
    for (const name of signals) process.off(name, interrupt);
  }
}
