import { existsSync, readFileSync, rmSync } from 'node:fs';
import {
  buildVerifier,
  isPasswordRefused,
  makeSecret,
  pingDatabase,
  roleKinds,
  setOwnPassword,
} from '@aipassport/store';
import { insertAuditEvent } from '@aipassport/store/authorization';
import { withDatabaseUrl } from '../database/with-database.js';
import { buildMissingVerifiers, type DatabaseFiles, namesRoles } from './make-database-secrets.js';
import { replaceSecretFile } from './replace-secret-file.js';
import { writeSecretFile } from './write-secret-file.js';

/** The old URL is kept beside the new one until PostgreSQL has the new password. */
export const previousOf = (file: string) => `${file}.previous`;
const read = (file: string) => readFileSync(file, 'utf8').trim();

/** Whether new passwords are in the files, and PostgreSQL may not have them yet. */
export function areNewPasswordsWritten(files: DatabaseFiles): boolean {
  return listUrlFiles(files).some((file) => existsSync(previousOf(file)));
}

/**
 * The first step of a rotation: writes new passwords to the files of URLs. PostgreSQL does not accept them yet. Servers
 * that read such a file meanwhile go on with the old password, which they remember.
 * @returns the roles with a new password
 */
export function writeNewPasswords(files: DatabaseFiles): readonly string[] {
  const groups = groupByRole(listUrlFiles(files));
  if (groups.size === 0) throw new Error('There is no file with a URL of the database in this directory.');
  for (const group of groups.values()) {
    const password = findNewPassword(group) ?? makeSecret();
    for (const file of group) {
      const url = read(file);
      if (!writeSecretFile(previousOf(file), url) && read(previousOf(file)) !== url) continue; // by an interrupted run
      replaceSecretFile(file, url.replace(userInfo, `$1:${password}@`));
    }
  }
  return [...groups.keys()];
}

/** The second step: gives PostgreSQL the passwords that are in the files, and removes the old URLs. */
export async function setNewPasswords(files: DatabaseFiles): Promise<readonly string[]> {
  const groups = groupByRole(listUrlFiles(files).filter((file) => existsSync(previousOf(file))));
  for (const [file] of groups.values()) if (file !== undefined) await setPassword(read(previousOf(file)), read(file));
  if (existsSync(files.superuserPassword) && existsSync(previousOf(files.superuserUrl)))
    replaceSecretFile(files.superuserPassword, readPassword(read(files.superuserUrl)));
  const verifiers = existsSync(files.verifiers) && namesRoles(files) ? buildMissingVerifiers(files) : undefined;
  if (verifiers !== undefined) replaceSecretFile(files.verifiers, verifiers);
  const rotated = [...groups.keys()];
  await recordRotation(files, rotated);
  for (const file of listUrlFiles(files)) rmSync(previousOf(file), { force: true });
  return rotated;
}

function listUrlFiles({ superuserUrl, urls }: DatabaseFiles): readonly string[] {
  return [superuserUrl, ...roleKinds.map((role) => urls[role])].filter((file) => existsSync(file));
}

/** The user and the password in a URL. `parseDatabaseUrl` accepts more hosts than the class URL does. */
const userInfo = /^(\w+:\/\/[^:@/]+)(?::[^@/]*)?@/;

/** Several files may name the same role: with one role for everything, all of them do. */
function groupByRole(files: readonly string[]): ReadonlyMap<string, readonly string[]> {
  return Map.groupBy(files, (file) => {
    const [, head = ''] = userInfo.exec(read(file)) ?? [];
    if (head === '') throw new Error(`${file} has no URL with the name of a role`);
    return decodeURIComponent(head.slice(head.indexOf('//') + 2));
  });
}

/** @returns the password that an interrupted run has written to one of the files */
function findNewPassword(group: readonly string[]): string | undefined {
  const written = group.find((file) => existsSync(previousOf(file)) && read(previousOf(file)) !== read(file));
  return written && readPassword(read(written));
}

function readPassword(url: string): string {
  return decodeURIComponent(/^\w+:\/\/[^:@/]+:([^@/]*)@/.exec(url)?.[1] ?? '');
}

async function setPassword(previousUrl: string, url: string): Promise<void> {
  try {
    await withDatabaseUrl(previousUrl, (db) => setOwnPassword(db, buildVerifier(readPassword(url))));
  } catch (error) {
    if (!isPasswordRefused(error)) throw error;
    await withDatabaseUrl(url, pingDatabase); // an interrupted run has set this password already
  }
}

async function recordRotation({ urls, superuserUrl }: DatabaseFiles, rotated: readonly string[]): Promise<void> {
  const url = read(existsSync(urls.owner) ? urls.owner : superuserUrl);
  const detail = { by: 'command', secret: 'database_passwords', roles: rotated.join(' ') };
  await withDatabaseUrl(url, (db) => insertAuditEvent(db, { event: 'secret_rotated', detail }));
}
