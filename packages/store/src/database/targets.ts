import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { ConfigurationError, type DatabaseAddress, parseDatabaseAddress } from '@aipassport/contracts';
import type pg from 'pg';

/** One way to a database: one of its hosts, with TLS or without. */
export interface Target {
  /** SECRET: holds a password. */
  readonly connectionString: string;
  readonly ssl?: boolean | ConnectionOptions;
}

/**
 * The ways to a database that its URL names. They are tried in turn, from the one that worked last: a host that is dead
 * costs its time once, not at every connection.
 */
export class Targets {
  readonly list: readonly Target[];
  /** Whether `requireReadWrite` looks at a new connection. */
  readonly needsReadWrite: boolean;
  #preferred = 0;

  /**
   * @param url SECRET: holds a password
   * @throws ConfigurationError for files that cannot be read
   */
  constructor(url: string) {
    const address = parseDatabaseAddress(url);
    const variants = listSslVariants(address);
    this.list = address.urls.flatMap((connectionString) =>
      variants.map((ssl) => ({ connectionString, ...(ssl !== undefined && { ssl }) })),
    );
    this.needsReadWrite = address.needsReadWrite;
  }

  /** @throws what the last of them threw; the server's own refusal, where there was one, for it says more */
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
        // With or without TLS it is the same host: a plain connection is no remedy for one that is busy.
        if (isQueueFull(error)) busyHost = this.list[index]?.connectionString;
        if (!isRefusal(failure)) failure = error;
      }
    }
    throw failure;
  }

  /** The server on the other end takes no writes any more: the next connection is tried elsewhere first. */
  leave(index: number): void {
    if (this.#preferred === index) this.#preferred = (index + 1) % this.list.length;
  }

  /** Of several hosts one is the primary; the others would refuse everything that we do. @throws when this is another */
  async requireReadWrite(client: pg.ClientBase): Promise<void> {
    if (!this.needsReadWrite) return;
    const { rows } = await client.query<{ transaction_read_only: string }>('show transaction_read_only');
    if (rows[0]?.transaction_read_only !== 'off')
      throw Object.assign(new Error('this host of the database accepts no writes'), { code: readOnly });
  }
}

/** SQLSTATE of a statement that writes where only reading is possible. */
export const readOnly = '25006';

function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(28|3D)/.test(String(error.code));
}

/** All connections that there may be are in use, or are being tried in vain. */
function isQueueFull(error: unknown): boolean {
  return error instanceof Error && error.message === 'timeout exceeded when trying to connect';
}

type Ssl = Target['ssl'];

/** As libpq reads `sslmode` (https://www.postgresql.org/docs/current/libpq-ssl.html). */
function listSslVariants(address: DatabaseAddress): readonly Ssl[] {
  const { sslMode } = address;
  if (sslMode === undefined) return [undefined];
  const files = sslMode === 'disable' ? {} : readFiles(address);
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

function readFiles({ sslRootCertificate, sslCertificate, sslKey }: DatabaseAddress): ConnectionOptions {
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
