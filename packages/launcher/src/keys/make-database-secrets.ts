import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { buildVerifier, matchesVerifier, type Role, roleKinds, roles, type RoleVerifiers } from '@aipassport/store';
import { locateKeyFiles } from './key-files.js';
import { makeSecret } from './make-keys.js';
import { replaceSecretFile } from './replace-secret-file.js';
import { writeSecretFile } from './write-secret-file.js';

/** Where the secrets of a deployment's database lie: beside its keys, one directory for each that reads them. */
export interface DatabaseFiles {
  /** With which PostgreSQL starts: of its superuser, which makes the roles and does nothing else. */
  readonly superuserPassword: string;
  readonly superuserUrl: string;
  /** What each role's password is checked against. */
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
  /** Both servers as the superuser, as before there were roles: for the way back to such a version. */
  readonly isOneRole?: boolean;
}

/**
 * Makes what a deployment needs to have a PostgreSQL of its own: passwords that nobody chose, of its superuser and of each
 * role. A URL that names another user than it should is replaced; all else that is there is left as it is.
 *
 * @returns the files that were made
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

/** @returns false when they are those of the passwords already */
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
