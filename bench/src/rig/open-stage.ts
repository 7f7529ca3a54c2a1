import { seedGrants } from '../database/seed-grants.js';
import { type BenchmarkDatabase, type DatabaseServer, startDatabaseServer } from '../database/start-database-server.js';
import type { TokenSubject } from '../issuer/main.js';
import { type Authority, openAuthority } from './open-authority.js';
import type { Rig } from './open-rig.js';

/** The things that a measured proxy needs: a database with grants in it, and an access token for each. */
export interface Stage {
  readonly authority: Authority;
  readonly server: DatabaseServer;
  readonly database: BenchmarkDatabase;
  readonly subjects: readonly TokenSubject[];
  /** In the order of the subjects. SECRET. */
  readonly accessTokens: readonly string[];
}

export async function openStage(rig: Rig, grants: number): Promise<Stage> {
  const authority = await openAuthority(rig);
  const server = await startDatabaseServer(rig);
  const database = await server.createDatabase('benchmark');
  console.error(`making ${grants} grants`);
  const subjects = await seedGrants({ db: database.db, authority, upstreamPort: rig.upstreamPort, count: grants });
  return { authority, server, database, subjects, accessTokens: await authority.sign(subjects) };
}
