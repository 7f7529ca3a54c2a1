import path from 'node:path';
import type { LauncherEnvironment } from '../environment.js';

/** Says which database a command works on, for people: its name and its host, never the password. */
export function describeDatabase({
  AIPASSPORT_DATA: data,
  DATABASE_URL: text,
}: Pick<LauncherEnvironment, 'AIPASSPORT_DATA' | 'DATABASE_URL'>): string {
  if (text === undefined) return `in ${path.resolve(data)}`;
  const url = new URL(text);
  return `${url.pathname.slice(1)} at ${url.host || (url.searchParams.get('host') ?? 'localhost')}`;
}
