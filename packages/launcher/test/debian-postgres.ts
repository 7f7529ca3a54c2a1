import { spawnSync } from 'node:child_process';
import { chownSync, globSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../src/free-port.js';
import { decideRunAs } from '../src/postgres/run-as.js';
import { root } from './compose-files.js';

const scripts = fileURLToPath(new URL('deploy/backup/', root));
/** Where Debian installs all programs of PostgreSQL. The PostgreSQL from npm has no `pg_basebackup`. */
const [programs] = globSync('/usr/lib/postgresql/*/bin/pg_basebackup').map((file) => path.dirname(file));

export const isInstalled = programs !== undefined;

/** A PostgreSQL of Debian with its backups, for tests of the scripts in deploy/backup. */
export class DebianPostgres {
  readonly #runAs = decideRunAs('/');
  readonly #environment: Readonly<Record<string, string>>;
  readonly #password = 'of-this-test';
  readonly #directory: string;
  readonly #port: number;
  readonly backups: string;

  static async make(directory: string): Promise<DebianPostgres> {
    return new DebianPostgres(directory, await freePort());
  }

  private constructor(directory: string, port: number) {
    this.#directory = directory;
    this.#port = port;
    this.backups = path.join(directory, 'backups');
    mkdirSync(this.backups);
    if (this.#runAs.uid !== undefined && this.#runAs.gid !== undefined)
      for (const owned of [directory, this.backups]) chownSync(owned, this.#runAs.uid, this.#runAs.gid);
    this.#environment = {
      LC_ALL: 'C',
      TZ: 'UTC',
      PATH: `${programs}:/usr/bin:/bin`,
      BACKUP_DIRECTORY: this.backups,
      PGHOST: '127.0.0.1',
      PGPORT: String(port),
      PGUSER: 'postgres',
      PGPASSWORD: this.#password,
    };
  }

  get url(): string {
    return `postgres://postgres:${this.#password}@127.0.0.1:${this.#port}/postgres`;
  }

  place(name: string): string {
    return path.join(this.#directory, name);
  }

  /** Runs a program of PostgreSQL. @throws with what it wrote, when it fails */
  run(program: string, ...args: readonly string[]): string {
    const { status, stdout, stderr } = spawnSync(program, args, {
      ...this.#runAs,
      cwd: this.#directory,
      env: this.#environment,
      encoding: 'utf8',
      // a server that pg_ctl starts would keep these pipes open; it writes to its log instead
      stdio: program === 'pg_ctl' ? 'ignore' : 'pipe',
    });
    if (status !== 0) throw new Error(`${program} failed (${status}): ${stdout}${stderr}`);
    return (stdout ?? '').trim();
  }

  /** Runs a script of deploy/backup. */
  runScript(name: string, ...args: readonly string[]): string {
    return this.run(path.join(scripts, name), ...args);
  }

  makeCluster(name: string): void {
    const passwordFile = this.place('password');
    writeFileSync(passwordFile, this.#password);
    this.run('initdb', '-D', this.place(name), '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`);
  }

  start(cluster: string): void {
    const settings = {
      listen_addresses: '127.0.0.1',
      port: String(this.#port),
      unix_socket_directories: '',
      archive_mode: 'on',
      archive_command: `${scripts}archive-wal.sh %p %f`,
    };
    const options = Object.entries(settings).map(([name, value]) => `-c ${name}='${value}'`);
    const log = ['-l', this.place(`${cluster}.log`)];
    this.run('pg_ctl', 'start', '-w', '-t', '60', '-D', this.place(cluster), ...log, '-o', options.join(' '));
  }

  /** Ends PostgreSQL as a crash does, without a last checkpoint. */
  crash(cluster: string): void {
    this.run('pg_ctl', 'stop', '-m', 'immediate', '-D', this.place(cluster));
  }
}
