import type { EnvironmentSource } from './define-environment.js';
import { readFileVersion } from './read-file-version.js';

/** A file that could not be read is tried again after this time, even if it did not change. */
const retryMilliseconds = 1_000;

interface SecretFilesLog {
  readonly info: (line: object) => void;
  readonly error: (line: object, text: string) => void;
}

/** SECRET: returns the value that is in force now. */
export type SecretReader<T> = () => T;

/**
 * The files of secrets that may be replaced while a server runs. Each use looks whether its file has changed, which is
 * cheap, and reads it again if so. A file that cannot be read, or whose content is not valid, changes nothing: the value
 * that was read last stays in force, the log says so, and `listUnreadable` names the variable.
 */
export class SecretFiles {
  readonly #variables: EnvironmentSource['variables'];
  readonly #unreadable = new Set<string>();
  readonly #readers: SecretReader<unknown>[] = [];
  #log: SecretFilesLog | undefined;

  constructor({ variables }: Pick<EnvironmentSource, 'variables'>) {
    this.#variables = variables;
  }

  /** The log is opened after the configuration is read. */
  reportTo(log: SecretFilesLog): void {
    this.#log = log;
  }

  /** The variables whose files cannot be read as they are now. */
  listUnreadable(): readonly string[] {
    for (const read of this.#readers) read();
    return [...this.#unreadable];
  }

  /**
   * @param name the variable that names the file; if it is not set, the value never changes
   * @param read reads the value; what it throws contains no secret
   * @throws what `read` throws, at the first time only
   */
  follow<T>(name: string, read: () => T): SecretReader<T> {
    const file = this.#variables[name];
    let version = file ? readFileVersion(file) : '';
    let value = read();
    if (!file) return () => value;
    let failed: { readonly version: string; readonly at: number } | undefined;
    const look = () => {
      const found = readFileVersion(file);
      if (failed === undefined ? found === version : !isDue(failed, found)) return value;
      try {
        value = read();
        if (found !== version) this.#log?.info({ event: 'secret_changed', variable: name });
        [version, failed] = [found, undefined];
        this.#unreadable.delete(name);
      } catch (error) {
        if (failed?.version !== found) this.#report(name, error);
        failed = { version: found, at: performance.now() };
      }
      return value;
    };
    this.#readers.push(look);
    return look;
  }

  #report(name: string, error: unknown): void {
    this.#unreadable.add(name);
    this.#log?.error(
      { event: 'secret_unreadable', variable: name, err: error },
      'the secret that was read last is used; see “Rotating keys” in docs/operations.md',
    );
  }
}

function isDue(failed: { readonly version: string; readonly at: number }, found: string): boolean {
  return found !== failed.version || performance.now() - failed.at > retryMilliseconds;
}

/** For the health answer, which is public: it names variables only. */
export function describeUnreadable(variables: readonly string[]): string {
  return `the file of a secret can no longer be read: ${variables.join(', ')}`;
}
