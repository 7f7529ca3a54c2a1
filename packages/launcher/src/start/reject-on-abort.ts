/** @returns a promise that rejects with the signal's reason */
export function rejectOnAbort(signal: AbortSignal): Promise<never> {
  const rejection = new Promise<never>((_, reject) => {
    const rejectNow = () => reject(signal.reason as Error);
    if (signal.aborted) rejectNow();
    else signal.addEventListener('abort', rejectNow, { once: true });
  });
  rejection.catch(() => undefined); // whoever raced it may be done by then
  return rejection;
}
