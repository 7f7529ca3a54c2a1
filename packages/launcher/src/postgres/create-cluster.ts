import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { dataArgument, postgresEnvironment, type RunAs } from './run-as.js';

export interface ClusterSettings {
  readonly binaries: string;
  readonly cluster: string;
  /** SECRET: never logged. */
  readonly password: string;
  readonly runAs: RunAs;
  /** false: no fsync, for tests */
  readonly durable: boolean;
  readonly signal: AbortSignal | undefined;
}

/**
 * Makes a new cluster, completely or not at all: it is made beside its final place and then renamed.
 * @throws the signal's reason, when it is aborted
 */
export async function createCluster(settings: ClusterSettings): Promise<void> {
  const { binaries, cluster, password, runAs, durable, signal } = settings;
  const unfinished = `${cluster}.new`;
  rmSync(unfinished, { recursive: true, force: true }); // an interrupted first start may have left it
  mkdirSync(unfinished, { mode: 0o700 });
  // initdb reads the password only from a file. A pipe from Node.js is a socket, which initdb cannot open as a file.
  const passwordDirectory = mkdtempSync(path.join(tmpdir(), 'aipassport-'));
  const passwordFile = path.join(passwordDirectory, 'password');
  try {
    writeFileSync(passwordFile, password, { mode: 0o600 });
    if (runAs.uid !== undefined && runAs.gid !== undefined)
      for (const owned of [unfinished, passwordDirectory, passwordFile]) chownSync(owned, runAs.uid, runAs.gid);
    // scram: `trust` on 127.0.0.1 would make every local user a superuser
    const access = ['-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '--locale=C', '-E', 'UTF8'];
    await runInitdb(
      path.join(binaries, 'bin/initdb'),
      ['-D', dataArgument(unfinished, runAs), ...access, ...(durable ? [] : ['--no-sync'])],
      { ...runAs, cwd: unfinished, signal },
    );
  } finally {
    rmSync(passwordDirectory, { recursive: true, force: true });
  }
  renameSync(unfinished, cluster);
}

async function runInitdb(
  program: string,
  args: readonly string[],
  { signal, ...options }: RunAs & { readonly cwd: string; readonly signal: AbortSignal | undefined },
): Promise<void> {
  // initdb has its own process group. Ctrl-C reaches only the launcher, which aborts the signal.
  const child = spawn(program, args, {
    ...options,
    env: postgresEnvironment,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const end = () => child.kill();
  signal?.addEventListener('abort', end);
  const [[status], output] = await Promise.all([once(child, 'close'), text(child.stderr)]);
  signal?.removeEventListener('abort', end);
  signal?.throwIfAborted();
  if (status !== 0) throw new Error(`initdb failed: ${output}`);
}
