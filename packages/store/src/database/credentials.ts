import { parseDatabaseUrl } from '@aipassport/contracts';
import pg from 'pg';
import { isPasswordRefused } from './sql-state.js';

/**
 * The credentials in a database's URL. They are read again for each new connection, so a password can be replaced while
 * a server runs. PostgreSQL accepts either the old or the new password, and the URL may be replaced a while before or
 * after the password. Therefore, when PostgreSQL refuses what was read, the credentials that it accepted last are
 * tried.
 */
export class Credentials {
  readonly #readUrl: () => string;
  /** SECRET, as are the next two: URLs that contain passwords. */
  #given: string;
  #accepted: string;
  #refused: string | undefined;

  /** @param readUrl throws when the URL cannot be read; the URL that was read last is used then */
  constructor(url: string, readUrl: () => string = () => url) {
    this.#given = url;
    this.#accepted = url;
    this.#readUrl = readUrl;
  }

  /** SECRET: the URL whose credentials the next connection uses. */
  next(): string {
    try {
      this.#given = this.#readUrl();
    } catch {
      // The file may be missing for a moment while it is replaced.
    }
    return this.#given === this.#refused ? this.#accepted : this.#given;
  }

  accept(url: string): void {
    this.#accepted = url;
    if (this.#refused === url) this.#refused = undefined;
  }

  refuse(url: string): void {
    this.#refused = url;
  }

  /** Repeats an attempt to connect whose password is refused, as long as there are other credentials to try. */
  async retry<Result>(attempt: () => Promise<Result>): Promise<Result> {
    for (let left = mostAttempts - 1; ; left -= 1) {
      try {
        return await attempt();
      } catch (error) {
        const hasOther = this.next() !== this.#refused;
        if (left === 0 || !hasOther || !isPasswordRefused(error)) throw error;
      }
    }
  }
}

/**
 * One attempt each with the credentials that were read, with those that were accepted last, and with those that are
 * read again: the password may have been replaced meanwhile.
 */
const mostAttempts = 3;

interface Config extends pg.ClientConfig {
  /** Reads the certificates of `ssl` again. */
  readonly readSsl?: () => pg.ClientConfig['ssl'];
}

/**
 * The driver's client, with the newest credentials and certificates. Host, port and all other parameters are those of
 * the pool.
 */
export function createClientClass(credentials: Credentials): typeof pg.Client {
  return class extends pg.Client {
    /** SECRET */
    readonly #url: string;

    constructor(config: Config = {}) {
      const url = credentials.next();
      const connectionString = replaceCredentials(config.connectionString ?? url, url);
      const ssl = config.readSsl?.();
      super({ ...config, connectionString, ...(ssl !== undefined && { ssl }) });
      this.#url = url;
      // Without a listener, a lost connection ends the process. The failure of its statement reports the loss.
      this.on('error', () => undefined);
    }

    override connect(): Promise<pg.Client>;
    override connect(callback: (error: Error | null, client?: pg.Client) => void): void;
    override connect(callback?: (error: Error | null, client?: pg.Client) => void): Promise<pg.Client> | undefined {
      const opened = this.#open();
      if (callback === undefined) return opened;
      /* oxlint-disable promise/no-callback-in-promise -- the driver's pool connects with a callback */
      opened.then(
        () => callback(null, this),
        (error: Error) => callback(error),
      );
      /* oxlint-enable promise/no-callback-in-promise */
      return undefined;
    }

    async #open(): Promise<pg.Client> {
      try {
        await super.connect();
      } catch (error) {
        if (isPasswordRefused(error)) credentials.refuse(this.#url);
        throw error;
      }
      credentials.accept(this.#url);
      return this;
    }
  };
}

function replaceCredentials(connectionString: string, url: string): string {
  const { username, password } = new URL(parseDatabaseUrl(url).urls[0]);
  return Object.assign(new URL(connectionString), { username, password }).href;
}
