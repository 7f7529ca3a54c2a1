/** A line of PostgreSQL's log: role, process id and SQLSTATE (see `logLinePrefix`), severity, message. */
const line = /^(\S+) \[(\d+)\] (\w{5}) (\w+): {2}(.*)$/;

export const logLinePrefix = '%u [%p] %e ';

/**
 * These SQLSTATEs are ignored, because migrations and upkeep retry such statements: lock_not_available (a lock was held
 * for too long) and query_canceled (a statement took too long).
 */
const retriedStates = new Set(['55P03', '57014']);
const maxStatementLength = 500;

/** Finds failed statements in PostgreSQL's log, including those whose failure the program ignored. */
export class PostgresErrors {
  readonly #found: { readonly pid: string; readonly lines: string[] }[] = [];
  #pid = '';
  #isError = false;

  /** Takes one line of the log. */
  readonly note = (text: string): void => {
    const [, user, pid = '', sqlState = '', severity = '', message = ''] = line.exec(text) ?? [];
    if (user === undefined) {
      if (this.#isError) this.#found.at(-1)?.lines.push(text.trim());
      return;
    }
    if (severity === 'ERROR') {
      this.#isError = !retriedStates.has(sqlState);
      if (this.#isError) this.#found.push({ pid, lines: [`a statement of ${user} failed: ${message} (${sqlState})`] });
    } else if (this.#isError && pid === this.#pid) {
      this.#found.at(-1)?.lines.push(`${severity}: ${message}`);
    }
    this.#pid = pid;
  };

  /** The failures since the last call. */
  take(): readonly string[] {
    return this.#found.splice(0).map(({ lines }) => lines.join(' ').slice(0, maxStatementLength));
  }
}
