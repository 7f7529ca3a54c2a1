import { existsSync, statSync } from 'node:fs';

/** The user that a PostgreSQL program runs as. Empty: the user of this process. */
export interface RunAs {
  readonly uid?: number;
  readonly gid?: number;
}

/** The environment of PostgreSQL programs. It contains nothing of our own environment. */
export const postgresEnvironment = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' } as const;

const nobody = 65_534;

/**
 * The operating system's user for PostgreSQL, which refuses to run as root. If this process runs as root, PostgreSQL
 * runs as the owner of the cluster's directory. It runs as `nobody` if that owner is root or there is no such
 * directory. If this process has another user, PostgreSQL runs as that user.
 */
export function decideRunAs(cluster: string): RunAs {
  if (process.getuid?.() !== 0) return {};
  if (existsSync(cluster)) {
    const { uid, gid } = statSync(cluster);
    if (uid !== 0) return { uid, gid };
  }
  return { uid: nobody, gid: nobody };
}

/**
 * The value of `-D` for a program whose working directory is the cluster.
 *
 * When root starts the program, the cluster may be below a directory that the unprivileged user cannot enter. A child
 * process enters its working directory while it still has the rights of root. So on Linux, /proc/self/cwd leads to the
 * cluster without passing its parent directories.
 */
export function dataArgument(cluster: string, runAs: RunAs): string {
  return runAs.uid !== undefined && process.platform === 'linux' ? '/proc/self/cwd' : cluster;
}
