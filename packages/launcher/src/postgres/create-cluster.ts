import { spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { dataArgument, postgresEnvironment, type RunAs } from './run-as.js';

export interface ClusterSettings {
  readonly binaries: string;
  readonly cluster: string;
  /** SECRET: never logged. */
  readonly password: string;
  readonly runAs: RunAs;
  /** false: no fsync, for tests */
  readonly durable: boolean;
}

/** Makes a new cluster, completely or not at all: it is made beside its final place and then renamed. */
export function createCluster({ binaries, cluster, password, runAs, durable }: ClusterSettings): void {
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
    const settings = ['-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '--locale=C', '-E', 'UTF8'];
    const result = spawnSync(
      path.join(binaries, 'bin/initdb'),
      ['-D', dataArgument(unfinished, runAs), ...settings, ...(durable ? [] : ['--no-sync'])],
      { ...runAs, env: postgresEnvironment, cwd: unfinished, encoding: 'utf8' },
    );
    if (result.status !== 0) throw new Error(`initdb failed: ${result.error?.message ?? result.stderr}`);
  } finally {
    rmSync(passwordDirectory, { recursive: true, force: true });
  }
  renameSync(unfinished, cluster);
}
