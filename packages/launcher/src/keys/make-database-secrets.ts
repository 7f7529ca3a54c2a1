import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  buildVerifier,
  makeSecret,
  matchesVerifier,
  type Role,
  type RoleVerifiers,
  roleKinds,
  roles,
} from '@aipassport/store';
import { locateKeyFiles } from './key-files.js';
import { replaceSecretFile } from './replace-secret-file.js';
import { readCredentials, replaceCredentials, type UrlCredentials } from './url-credentials.js';
import { writeSecretFile } from './write-secret-file.js';

/** The files with the database's secrets. Each program that reads such files has its own directory for them. */
export interface DatabaseFiles {
  /** The password of PostgreSQL's superuser. It is used only to make the roles. */
  readonly superuserPassword: string;
  readonly superuserUrl: string;
  /** The password verifier of each role: what PostgreSQL stores instead of the password. */
  readonly verifiers: string;
  /** The database's URL with the role and its password. */
  readonly urls: Readonly<Record<Role, string>>;
}

export function locateDatabaseFiles(directory: string): DatabaseFiles {
  const { authorizationServer, resourceProxy } = locateKeyFiles(directory);
  return {
    superuserPassword: path.join(directory, 'database', 'password'),
    superuserUrl: path.join(directory, 'database', 'superuser-url'),
    verifiers: path.join(directory, 'database', 'roles.json'),
    urls: {
      owner: path.join(directory, 'owner', 'database-url'),
      authorization: path.join(authorizationServer.directory, 'database-url'),
      proxy: path.join(resourceProxy.directory, 'database-url'),
    },
  };
}

export interface DatabaseSecrets {
  /** `postgres://user@host:port/name`, also with several hosts, without a password: the user is the superuser. */
  readonly database: string;
  /** Gives both servers the superuser's URL, for a return to a version without roles. */
  readonly isOneRole?: boolean;
}

interface WrittenFiles {
  readonly made: readonly string[];
  /** The files that existed, and have new content now. */
  readonly replaced: readonly string[];
}

/**
 * Makes the secrets for a deployment's own PostgreSQL: random passwords of its superuser and of each role. A role's URL
 * with the wrong user is replaced, and so is a file of verifiers that do not match the passwords. All other existing
 * files stay as they are.
 */
export function makeDatabaseSecrets(directory: string, { database, isOneRole }: DatabaseSecrets): WrittenFiles {
  const files = locateDatabaseFiles(directory);
  const made = writeSecretFile(files.superuserPassword, makeSecret()) ? [files.superuserPassword] : [];
  const superuser = { ...readCredentials(database), password: readFileSync(files.superuserPassword, 'utf8') };
  if (writeSecretFile(files.superuserUrl, replaceCredentials(database, superuser))) made.push(files.superuserUrl);
  const replaced: string[] = [];
  const put = (file: string, content: string) => {
    const isNew = writeSecretFile(file, content);
    if (!isNew) replaceSecretFile(file, content);
    (isNew ? made : replaced).push(file);
  };
  for (const role of roleKinds) {
    const isSuperuser = isOneRole === true && role !== 'owner';
    const file = files.urls[role];
    const username = isSuperuser ? superuser.username : roles[role];
    if (readUrl(file)?.username === username) continue;
    const password = isSuperuser ? superuser.password : makeSecret();
    put(file, replaceCredentials(database, { username, password }));
  }
  const verifiers = isOneRole === true ? undefined : buildMissingVerifiers(files);
  if (verifiers !== undefined) put(files.verifiers, verifiers);
  return { made, replaced };
}

/** @throws Error when secrets for this database cannot be made; called before any file is written */
export function requireDatabaseUrl(database: string): void {
  let username: string;
  try {
    ({ username } = readCredentials(database));
  } catch (cause) {
    throw new Error(`--database ${cause instanceof Error ? cause.message : 'is not a URL'}`, { cause });
  }
  if (username === '') throw new Error('--database must name a user: postgres://user@host:port/name');
}

/** Whether each URL names the role that it is for, and not one role for everything. */
export function namesRoles({ urls }: DatabaseFiles): boolean {
  return roleKinds.every((role) => readUrl(urls[role])?.username === roles[role]);
}

/** @returns undefined when the stored verifiers already match the passwords */
export function buildMissingVerifiers({ urls, verifiers }: DatabaseFiles): string | undefined {
  const passwords = roleKinds.map((role) => [role, readUrl(urls[role])?.password ?? ''] as const);
  if (existsSync(verifiers)) {
    const known = readVerifiers(verifiers);
    if (passwords.every(([role, password]) => matchesVerifier(password, known[role]))) return undefined;
  }
  return JSON.stringify(Object.fromEntries(passwords.map(([role, it]) => [role, buildVerifier(it)])));
}

/** @throws when one of the roles is missing */
export function readVerifiers(file: string): RoleVerifiers {
  const values = JSON.parse(readFileSync(file, 'utf8')) as Partial<Record<Role, unknown>>;
  const read = (role: Role) => {
    const value = values[role];
    if (typeof value !== 'string') throw new Error(`${file} has no verifier for ${roles[role]}`);
    return value;
  };
  return { owner: read('owner'), authorization: read('authorization'), proxy: read('proxy') };
}

function readUrl(file: string): UrlCredentials | undefined {
  return existsSync(file) ? readCredentials(readFileSync(file, 'utf8').trim()) : undefined;
}
