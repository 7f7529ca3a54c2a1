import { existsSync, statSync } from 'node:fs';

/** The user a PostgreSQL program runs as; empty when it is simply ours. */
export interface RunAs {
  readonly uid?: number;
  readonly gid?: number;
}

/** What PostgreSQL programs get of the environment: nothing that is ours. */
export const postgresEnvironment = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' } as const;

const nobody = 65_534;

/**
 * PostgreSQL refuses to run as root. Started by root it runs as the owner of an existing cluster,
 * else as nobody; started by anybody else it runs as that user.
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
 * As root, the cluster may lie below a directory that the unprivileged user cannot pass. A child's working
 * directory is set before it gives root up, and /proc/self/cwd leads there without passing the parents.
 */
export function dataArgument(cluster: string, runAs: RunAs): string {
  return runAs.uid !== undefined && process.platform === 'linux' ? '/proc/self/cwd' : cluster;
}
