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
import { writeSecretFile } from './write-secret-file.js';

/** The files with the database's secrets. Each program that reads such files has a directory of its own for them. */
export interface DatabaseFiles {
  /** The password of PostgreSQL's superuser. It is used only to make the roles. */
  readonly superuserPassword: string;
  readonly superuserUrl: string;
  /** The password verifier of each role. */
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
  /** `postgres://user@host:port/name`, without a password: the user is the superuser. */
  readonly database: string;
  /** Gives both servers the superuser's URL, for a return to a version without roles. */
  readonly isOneRole?: boolean;
}

/**
 * Makes the secrets for a deployment's own PostgreSQL: random passwords of its superuser and of each role. A role's URL
 * with the wrong user is replaced, and so is a file of verifiers that do not match the passwords. All other existing
 * files stay as they are.
 *
 * @returns the files that were made or replaced
 */
export function makeDatabaseSecrets(directory: string, { database, isOneRole }: DatabaseSecrets): readonly string[] {
  const files = locateDatabaseFiles(directory);
  const made = writeSecretFile(files.superuserPassword, makeSecret()) ? [files.superuserPassword] : [];
  const superuserUrl = new URL(database);
  superuserUrl.password = readFileSync(files.superuserPassword, 'utf8');
  if (writeSecretFile(files.superuserUrl, superuserUrl.href)) made.push(files.superuserUrl);
  for (const role of roleKinds) {
    const isSuperuser = isOneRole === true && role !== 'owner';
    const file = files.urls[role];
    const username = isSuperuser ? superuserUrl.username : roles[role];
    if (readUrl(file)?.username === username) continue;
    const password = isSuperuser ? superuserUrl.password : makeSecret();
    putSecretFile(file, Object.assign(new URL(database), { username, password }).href);
    made.push(file);
  }
  if (isOneRole !== true && putVerifiers(files)) made.push(files.verifiers);
  return made;
}

/** @returns false when the stored verifiers already match the passwords */
function putVerifiers({ urls, verifiers }: DatabaseFiles): boolean {
  const passwords = roleKinds.map((role) => [role, readUrl(urls[role])?.password ?? ''] as const);
  if (existsSync(verifiers)) {
    const known = readVerifiers(verifiers);
    if (passwords.every(([role, password]) => matchesVerifier(password, known[role]))) return false;
  }
  putSecretFile(
    verifiers,
    JSON.stringify(Object.fromEntries(passwords.map(([role, it]) => [role, buildVerifier(it)]))),
  );
  return true;
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

function readUrl(file: string): URL | undefined {
  return existsSync(file) ? new URL(readFileSync(file, 'utf8')) : undefined;
}

function putSecretFile(file: string, content: string): void {
  if (!writeSecretFile(file, content)) replaceSecretFile(file, content);
}
