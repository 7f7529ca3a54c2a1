import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { freePort, locateKeyFiles } from '@aipassport/launcher';
import type { Database } from '@aipassport/store';
import { createTestDatabase } from '@aipassport/store/testing';
import pg from 'pg';
import { BillingUpstream } from '../faults/support/billing-upstream.js';
import type { Query } from '../faults/support/laboratory.js';
import { CloseStack } from './close-stack.js';
import { Replica } from './replica.js';
import { buildServerEnvironments } from './server-environments.js';
import { TcpFront } from './tcp-front.js';

export type Release = 'previous' | 'current';
export const releases = ['previous', 'current'] as const;

const maxLineLength = 600;

/** Both servers of one release. */
export interface Servers {
  readonly release: Release;
  readonly authorizationServer: Replica;
  readonly resourceProxy: Replica;
}

export interface MixedReleasesOptions {
  /** SECRET: the URL of a PostgreSQL where each release has its own role. The role's password is its name. */
  readonly postgresUrl: string;
  /** A compiled checkout of the previous release. */
  readonly previousDirectory: string;
}

/** A deployment whose servers are of two releases, on one database and one set of key files. */
export class MixedReleases {
  /** The address that all authorization servers share. */
  readonly issuer: string;
  readonly upstream: BillingUpstream;
  readonly db: Database;
  readonly query: Query;
  /** The servers that are running. */
  readonly running: Servers[] = [];
  /** The authorization servers behind the shared address. */
  readonly #issuers: Replica[];
  readonly #directory: string;
  readonly #databaseUrl: string;
  readonly #previousDirectory: string;
  readonly #opened: CloseStack;
  readonly #started: { readonly name: string; readonly replica: Replica }[] = [];

  private constructor(
    parts: Pick<MixedReleases, 'issuer' | 'upstream' | 'db' | 'query'>,
    own: {
      readonly issuers: Replica[];
      readonly directory: string;
      readonly databaseUrl: string;
      readonly previousDirectory: string;
      readonly opened: CloseStack;
    },
  ) {
    ({ issuer: this.issuer, upstream: this.upstream, db: this.db, query: this.query } = parts);
    this.#issuers = own.issuers;
    this.#directory = own.directory;
    this.#databaseUrl = own.databaseUrl;
    this.#previousDirectory = own.previousDirectory;
    this.#opened = own.opened;
  }

  /** Starts with an empty database, no keys and no servers. */
  static async open({ postgresUrl, previousDirectory }: MixedReleasesOptions): Promise<MixedReleases> {
    const opened = new CloseStack();
    const directory = mkdtempSync(path.join(tmpdir(), 'aipassport-releases-'));
    opened.push(() => rmSync(directory, { recursive: true, force: true }));
    const upstream = await BillingUpstream.start();
    opened.push(() => upstream.stop());
    const {
      db,
      url: databaseUrl,
      close,
    } = await createTestDatabase(postgresUrl, {
      migrated: false,
      // each release connects as its own superuser, so the roles of the two servers are not made
      hasRoles: false,
    });
    opened.push(close);
    const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
    opened.push(() => pool.end());
    const issuers: Replica[] = [];
    const front = await TcpFront.open(() => issuers.map(({ port }) => port));
    opened.push(() => front.close());
    const query: Query = async (text, values = []) => (await pool.query(text, [...values])).rows;
    const issuer = `http://127.0.0.1:${front.port}`;
    return new MixedReleases(
      { issuer, upstream, db, query },
      { issuers, directory, databaseUrl, previousDirectory, opened },
    );
  }

  get keysDirectory(): string {
    return path.join(this.#directory, 'keys');
  }

  /** Runs one of the operator's commands. @throws with its output, if it fails */
  async command(release: Release, ...args: readonly string[]): Promise<string> {
    const child = spawn(process.execPath, [fileURLToPath(this.#locate(release, 'launcher')), ...args], {
      env: {
        PATH: process.env['PATH'],
        DATABASE_URL: this.#urlOf(release),
        PROXY_CLIENT_SECRET_FILE: locateKeyFiles(this.keysDirectory).resourceProxy.clientSecret,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    const code = await new Promise<number | null>((resolve) => {
      child.once('close', resolve);
    });
    if (code !== 0) throw new Error(`"${args.join(' ')}" of the ${release} release failed (${code}):\n${output}`);
    return output;
  }

  /** Starts both servers of a release. The running servers keep running. */
  async start(release: Release): Promise<Servers> {
    const environments = buildServerEnvironments({
      issuer: this.issuer,
      // No server listens at this address. The tests send each request to a proxy of their choice.
      resourceProxyUrl: 'http://127.0.0.1:4100',
      databaseUrls: { 'authorization-server': this.#urlOf(release), 'resource-proxy': this.#urlOf(release) },
      keyFiles: locateKeyFiles(this.keysDirectory),
      upstreamUrl: this.upstream.url,
      hasOperatorKeys: true,
    });
    const open = async (kind: keyof typeof environments) => {
      const port = await freePort();
      const name = `${release}-${kind}-${this.#started.length + 1}`;
      const replica = new Replica(
        {
          name,
          module: this.#locate(release, kind).href,
          environment: { ...environments[kind], LOG_LEVEL: 'info', PORT: String(port) },
          healthUrl: `http://127.0.0.1:${port}/health`,
          logFile: path.join(this.#directory, `${name}.log`),
        },
        port,
      );
      this.#started.push({ name, replica });
      this.#opened.push(() => replica.close());
      await replica.start();
      return replica;
    };
    const authorizationServer = await open('authorization-server');
    // added before its proxy starts, because the proxy is ready only when the shared address answers
    this.#issuers.push(authorizationServer);
    const servers = { release, authorizationServer, resourceProxy: await open('resource-proxy') };
    this.running.push(servers);
    return servers;
  }

  /** Removes both servers from the load balancer and stops them as an operator does. */
  async stop(servers: Servers): Promise<void> {
    this.running.splice(this.running.indexOf(servers), 1);
    this.#issuers.splice(this.#issuers.indexOf(servers.authorizationServer), 1);
    await Promise.all([servers.resourceProxy.stop(), servers.authorizationServer.stop()]);
  }

  /** The error lines of all logs, including those of servers that have ended. */
  listLoggedErrors(): readonly string[] {
    return this.#started.flatMap(({ name, replica }) =>
      replica
        .output()
        .split('\n')
        .filter((line) => /^\{"level":(50|60|"error"|"fatal")/.test(line))
        .map((line) => `${name} wrote: ${line.slice(0, maxLineLength)}`),
    );
  }

  async close(): Promise<void> {
    await this.#opened.closeAll();
  }

  /** The program of one of our packages. */
  #locate(release: Release, name: 'launcher' | 'authorization-server' | 'resource-proxy'): URL {
    if (release === 'previous')
      return pathToFileURL(path.join(this.#previousDirectory, 'packages', name, 'dist/src/main.js'));
    if (name !== 'launcher') return new URL(import.meta.resolve(`@aipassport/${name}/main`));
    return new URL('main.js', import.meta.resolve('@aipassport/launcher'));
  }

  #urlOf(release: Release): string {
    return Object.assign(new URL(this.#databaseUrl), { username: release, password: release }).href;
  }
}
