import path from 'node:path';
import { parseDatabaseUrl } from '@aipassport/contracts';
import type { LauncherEnvironment } from '../environment.js';

/**
 * Names the database that a command uses, for a message to the operator: its name and its hosts, or the data directory
 * if `npm start` starts the database. Never contains the password.
 */
export function describeDatabase({
  AIPASSPORT_DATA: data,
  DATABASE_URL: text,
}: Pick<LauncherEnvironment, 'AIPASSPORT_DATA' | 'DATABASE_URL'>): string {
  if (text === undefined) return `in ${path.resolve(data)}`;
  const urls = parseDatabaseUrl(text).urls.map((each) => new URL(each));
  const hosts = urls.map(({ host, searchParams }) => host || (searchParams.get('host') ?? 'localhost'));
  return `${urls[0]?.pathname.slice(1)} at ${hosts.join(', ')}`;
}
