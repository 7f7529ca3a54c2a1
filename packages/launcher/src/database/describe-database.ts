import path from 'node:path';
import { parseDatabaseAddress } from '@aipassport/contracts';
import type { LauncherEnvironment } from '../environment.js';

/** Describes the database of a command for people: its name and its host, never the password. */
export function describeDatabase({
  AIPASSPORT_DATA: data,
  DATABASE_URL: text,
}: Pick<LauncherEnvironment, 'AIPASSPORT_DATA' | 'DATABASE_URL'>): string {
  if (text === undefined) return `in ${path.resolve(data)}`;
  const urls = parseDatabaseAddress(text).urls.map((each) => new URL(each));
  const hosts = urls.map(({ host, searchParams }) => host || (searchParams.get('host') ?? 'localhost'));
  return `${urls[0]?.pathname.slice(1)} at ${hosts.join(', ')}`;
}
