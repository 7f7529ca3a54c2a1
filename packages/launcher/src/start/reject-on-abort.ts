/** @returns a promise that rejects with the signal's reason when the signal is aborted */
export function rejectOnAbort(signal: AbortSignal): Promise<never> {
  const rejection = new Promise<never>((_, reject) => {
    const rejectNow = () => reject(signal.reason as Error);
    if (signal.aborted) rejectNow();
    else signal.addEventListener('abort', rejectNow, { once: true });
  });
  rejection.catch(() => undefined); // no unhandled rejection if it rejects after the caller has stopped waiting
  return rejection;
}
