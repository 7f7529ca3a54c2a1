import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { ConfigurationError, type DatabaseUrl, parseDatabaseUrl } from '@aipassport/contracts';
import type pg from 'pg';
import { Credentials } from './credentials.js';
import { DatabaseRestored } from './require-mark.js';
import { isLoginRefused, readOnly } from './sql-state.js';

/** A host of a database, with or without TLS. */
export interface Target {
  /** SECRET: holds a password. */
  readonly connectionString: string;
  readonly ssl?: boolean | ConnectionOptions;
  /** Reads the certificates of `ssl` again: an authority may be replaced while a server runs. */
  readonly readSsl: () => boolean | ConnectionOptions | undefined;
}

/**
 * The targets in a database's URL. They are tried in turn, beginning with the one that worked last, so that a dead host
 * costs one timeout instead of one for each connection.
 */
export class Targets {
  readonly list: readonly Target[];
  /** Whether `requireReadWrite` checks new connections. */
  readonly needsReadWrite: boolean;
  readonly credentials: Credentials;
  #preferred = 0;

  /**
   * @param url SECRET: holds a password
   * @param readUrl SECRET: reads the URL again, for the credentials of new connections
   * @throws ConfigurationError for files that cannot be read
   */
  constructor(url: string, readUrl?: () => string) {
    const parsed = parseDatabaseUrl(url);
    const variants = listSslVariants(parsed);
    this.list = parsed.urls.flatMap((connectionString) =>
      variants.map((ssl, index) => ({
        connectionString,
        ...(ssl !== undefined && { ssl }),
        readSsl: () => readAgain(parsed, index) ?? ssl,
      })),
    );
    this.needsReadWrite = parsed.needsReadWrite;
    this.credentials = new Credentials(url, readUrl);
  }

  /**
   * Attempts something with one target after the other, until one attempt succeeds.
   * @throws the first error that says that PostgreSQL refused the login, or that this server refused an old database,
   * because such an error says more than others; if there was none, the error of the last attempt
   */
  async tryInTurn<Result>(attempt: (index: number) => Promise<Result>): Promise<Result> {
    const { length } = this.list;
    const first = this.#preferred;
    let failure: unknown;
    let busyHost: string | undefined;
    for (let step = 0; step < length; step += 1) {
      const index = (first + step) % length;
      if (this.list[index]?.connectionString === busyHost) continue;
      try {
        const result = await attempt(index);
        this.#preferred = index;
        return result;
      } catch (error) {
        // Two targets can be the same host, with and without TLS. When a host is busy, its other target is not tried,
        // because it would be busy too.
        if (isQueueFull(error)) busyHost = this.list[index]?.connectionString;
        if (!isRefusal(failure)) failure = error;
      }
    }
    throw failure;
  }

  /** Called when the host no longer accepts writes. The next connection tries another host first. */
  leave(index: number): void {
    if (this.#preferred === index) this.#preferred = (index + 1) % this.list.length;
  }

  /** If there are several hosts, only the primary accepts writes. @throws when this host is not the primary */
  async requireReadWrite(client: pg.ClientBase): Promise<void> {
    if (!this.needsReadWrite) return;
    const { rows } = await client.query<{ transaction_read_only: string }>('show transaction_read_only');
    if (rows[0]?.transaction_read_only !== 'off')
      throw Object.assign(new Error('this host of the database accepts no writes'), { code: readOnly });
  }
}

function isRefusal(error: unknown): boolean {
  return isLoginRefused(error) || error instanceof DatabaseRestored;
}

/** Whether all connections of the pool are in use, or cannot be opened. */
function isQueueFull(error: unknown): boolean {
  return error instanceof Error && error.message === 'timeout exceeded when trying to connect';
}

type Ssl = Target['ssl'];

/**
 * Lists the TLS settings to try, with the meaning that `sslmode` has in libpq
 * (https://www.postgresql.org/docs/current/libpq-ssl.html). libpq does not have the value `no-verify`.
 */
function listSslVariants(databaseUrl: DatabaseUrl): readonly Ssl[] {
  const { sslMode } = databaseUrl;
  if (sslMode === undefined) return [undefined];
  const files = sslMode === 'disable' ? {} : readFiles(databaseUrl);
  const unverified = { ...files, rejectUnauthorized: false };
  switch (sslMode) {
    case 'disable':
      return [false];
    case 'allow':
      return [false, unverified];
    case 'prefer':
      return [unverified, false];
    case 'no-verify':
      return [unverified];
    case 'require':
      return [files.ca === undefined ? unverified : { ...files, checkServerIdentity: () => undefined }];
    case 'verify-ca':
      return [{ ...files, checkServerIdentity: () => undefined }];
    case 'verify-full':
      return [files];
  }
}

/** @returns undefined when a file cannot be read at present, for instance while it is replaced */
function readAgain(databaseUrl: DatabaseUrl, index: number): Ssl {
  try {
    return listSslVariants(databaseUrl)[index];
  } catch {
    return undefined;
  }
}

function readFiles({ sslRootCertificate, sslCertificate, sslKey }: DatabaseUrl): ConnectionOptions {
  return {
    ...(sslRootCertificate !== undefined &&
      sslRootCertificate !== 'system' && { ca: read('sslrootcert', sslRootCertificate) }),
    ...(sslCertificate !== undefined && { cert: read('sslcert', sslCertificate) }),
    ...(sslKey !== undefined && { key: read('sslkey', sslKey) }),
  };
}

function read(parameter: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    throw new ConfigurationError(`configuration: the file of \`${parameter}\` in the database's URL cannot be read`);
  }
}
