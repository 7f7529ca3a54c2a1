import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@aipassport/launcher';
import { waitUntil } from './wait-until.js';

const example = fileURLToPath(new URL('../../../../../docs/examples/pgbouncer.ini', import.meta.url));
/** The first version that supports named prepared statements in transaction pooling. */
const oldest = [1, 21] as const;
const nobody = 65_534;

/** @returns why PgBouncer is not available here; undefined if it is */
export function findPgBouncerObstacle(): string | undefined {
  const { stdout, error } = spawnSync('pgbouncer', ['--version'], { encoding: 'utf8' });
  if (error !== undefined) return 'pgbouncer is not installed';
  const [, major, minor] = (/^PgBouncer (\d+)\.(\d+)/.exec(stdout) ?? []).map(Number);
  if (major === undefined || minor === undefined) return 'pgbouncer does not say its version';
  const isOld = major < oldest[0] || (major === oldest[0] && minor < oldest[1]);
  return isOld ? `PgBouncer ${major}.${minor} is older than ${oldest.join('.')}` : undefined;
}

/** A PgBouncer in front of a database, configured by docs/examples/pgbouncer.ini. */
export interface PgBouncer {
  /** SECRET: holds a password. */
  readonly urlOf: (entry: 'issuer' | 'proxy') => string;
  readonly close: () => Promise<void>;
}

/**
 * @param databaseUrl SECRET: holds a password
 * @param replacements further replacements in the example's text; the addresses and the user file are always replaced
 */
export async function startPgBouncer(
  databaseUrl: string,
  replacements: readonly (readonly [string, string])[] = [],
): Promise<PgBouncer> {
  const target = new URL(databaseUrl);
  const port = await freePort();
  const directory = mkdtempSync(path.join(tmpdir(), 'aipassport-pgbouncer-'));
  const userFile = path.join(directory, 'userlist.txt');
  writeFileSync(userFile, `"${target.username}" "${decodeURIComponent(target.password)}"\n`);
  const text = [
    [
      'host=127.0.0.1 port=5432 dbname=aipassport',
      `host=127.0.0.1 port=${target.port} dbname=${target.pathname.slice(1)}`,
    ],
    ['listen_port = 6432', `listen_port = ${port}`],
    ['/etc/pgbouncer/userlist.txt', userFile],
    ...replacements,
  ].reduce((sofar, [from = '', to = '']) => sofar.replaceAll(from, to), readFileSync(example, 'utf8'));
  const iniFile = path.join(directory, 'pgbouncer.ini');
  writeFileSync(iniFile, text);
  const child = spawnAsNobody(directory, [userFile, iniFile], iniFile);
  let output = '';
  child.stderr?.setEncoding('utf8').on('data', (more: string) => (output += more));
  await waitUntil(() => canConnect(port), `PgBouncer listens: ${output}`, 10_000).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw new Error(`PgBouncer did not start: ${output}`, { cause: error });
  });
  return {
    urlOf: (entry) => `postgres://${target.username}:${target.password}@127.0.0.1:${port}/${entry}`,
    close: async () => {
      const ended = new Promise((resolve) => {
        child.once('exit', resolve);
      });
      child.kill('SIGTERM');
      // After SIGTERM alone, PgBouncer would wait until its clients have disconnected.
      child.kill('SIGQUIT');
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** PgBouncer refuses to run as root. So a test that runs as root starts it as the operating system's user `nobody`. */
function spawnAsNobody(directory: string, files: readonly string[], iniFile: string): ChildProcess {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    chmodSync(directory, 0o755);
    for (const file of files) {
      chmodSync(file, 0o600);
      chownSync(file, nobody, nobody);
    }
  }
  const runAs = isRoot ? { uid: nobody, gid: nobody } : {};
  return spawn('pgbouncer', [iniFile], { ...runAs, stdio: ['ignore', 'ignore', 'pipe'] });
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => socket.end(() => resolve(true)));
    socket.once('error', () => resolve(false));
  });
}
