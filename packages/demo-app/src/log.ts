/**
 * Writes one JSON line. Fields are stable words, error codes and ids: never a token, an authorization code, a prompt or
 * an answer.
 */
export type Log = (event: string, fields?: Readonly<Record<string, string | number>>) => void;

/** A log that writes to standard output. */
export function createLog(): Log {
  return (event, fields) => {
    process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), name: 'demo-app', event, ...fields })}\n`);
  };
}

/**
 * The fields of an error that contain only fixed words, our own or a library's. The cause is left out: it may quote an
 * answer.
 */
export function describeError(error: unknown, code?: string): Readonly<Record<string, string>> {
  if (!(error instanceof Error)) return { error: 'not an Error' };
  const ownCode = code ?? ('code' in error && typeof error.code === 'string' ? error.code : undefined);
  return { error: error.name, message: error.message, ...(ownCode === undefined ? {} : { code: ownCode }) };
}
