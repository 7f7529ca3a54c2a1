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
import { readCredentials, replaceCredentials } from './url-credentials.js';
import { writeSecretFile } from './write-secret-file.js';

/** The old URL is kept beside the new one until PostgreSQL has the new password. */
export const previousOf = (file: string) => `${file}.previous`;
const read = (file: string) => readFileSync(file, 'utf8').trim();

/** Whether new passwords are in the files, and PostgreSQL may not have them yet. */
export function areNewPasswordsWritten(files: DatabaseFiles): boolean {
  return listUrlFiles(files).some((file) => existsSync(previousOf(file)));
}

/** The roles whose passwords are replaced. */
export interface RotatedRoles {
  /** The files whose URLs name the role. Several may: with one role for everything, all of them do. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** The role that writes the audit row is in this file. */
  readonly recorder: string;
  /** The file with the administrator's URL, if PostgreSQL does not accept the password in it. */
  readonly leftOut: string | undefined;
}

/**
 * Finds the roles, and signs in to PostgreSQL with each URL. `keys init` writes a random password to the
 * administrator's URL, which is right only if PostgreSQL was set up with it. Otherwise this URL is left out.
 * @throws Error when the rotation could not be completed. Nothing was written then
 */
export async function findRotatedRoles(files: DatabaseFiles): Promise<RotatedRoles> {
  const found = listUrlFiles(files);
  const accepted: string[] = [];
  for (const file of found) if (await isAccepted(file)) accepted.push(file);
  const refused = found.filter((file) => !accepted.includes(file));
  const ofServers = refused.filter((file) => file !== files.superuserUrl);
  if (ofServers.length > 0)
    throw new Error(`PostgreSQL does not accept the password in ${ofServers.join(', ')}. Nothing was changed.`);
  const recorder = [files.urls.owner, files.superuserUrl].find((file) => accepted.includes(file));
  if (recorder === undefined)
    throw new Error(`${files.urls.owner} is missing: its role writes the audit row. Nothing was changed.`);
  return { groups: groupByRole(accepted), recorder, leftOut: refused[0] };
}

/**
 * The first step of a rotation: writes new passwords to the files of URLs. PostgreSQL does not accept them yet. Servers
 * that read such a file meanwhile keep using the old password, which they remember.
 */
export function writeNewPasswords({ groups }: RotatedRoles): void {
  for (const [username, group] of groups) {
    const password = findNewPassword(group) ?? makeSecret();
    for (const file of group) {
      const url = read(file);
      if (!writeSecretFile(previousOf(file), url) && read(previousOf(file)) !== url) continue; // by an interrupted run
      replaceSecretFile(file, replaceCredentials(url, { username, password }));
    }
  }
}

/**
 * The second step: gives PostgreSQL the passwords that are in the files, and removes the old URLs.
 * @returns the roles with a new password
 */
export async function setNewPasswords(
  files: DatabaseFiles,
  { groups, recorder, leftOut }: RotatedRoles,
): Promise<readonly string[]> {
  const rotated: string[] = [];
  for (const [role, group] of groups) {
    const file = group.find((each) => existsSync(previousOf(each)));
    if (file === undefined) continue;
    await setPassword(read(previousOf(file)), read(file));
    rotated.push(role);
  }
  if (leftOut !== undefined && existsSync(previousOf(leftOut))) replaceSecretFile(leftOut, read(previousOf(leftOut)));
  else if (existsSync(files.superuserPassword) && existsSync(previousOf(files.superuserUrl)))
    replaceSecretFile(files.superuserPassword, readPassword(files.superuserUrl));
  const verifiers = existsSync(files.verifiers) && namesRoles(files) ? buildMissingVerifiers(files) : undefined;
  if (verifiers !== undefined) replaceSecretFile(files.verifiers, verifiers);
  await recordRotation(read(recorder), rotated);
  for (const file of listUrlFiles(files)) rmSync(previousOf(file), { force: true });
  return rotated;
}

function listUrlFiles({ superuserUrl, urls }: DatabaseFiles): readonly string[] {
  return [superuserUrl, ...roleKinds.map((role) => urls[role])].filter((file) => existsSync(file));
}

function groupByRole(files: readonly string[]): ReadonlyMap<string, readonly string[]> {
  return Map.groupBy(files, (file) => {
    const { username } = readCredentials(read(file));
    if (username === '') throw new Error(`${file} has no URL with the name of a role`);
    return username;
  });
}

/** Whether PostgreSQL accepts the URL in the file or, after an interruption, the one before it. */
async function isAccepted(file: string): Promise<boolean> {
  for (const each of [previousOf(file), file].filter((name) => existsSync(name))) {
    try {
      await withDatabaseUrl(read(each), pingDatabase);
      return true;
    } catch (error) {
      if (!isPasswordRefused(error)) throw error;
    }
  }
  return false;
}

/** @returns the password that an interrupted run has written to one of the files */
function findNewPassword(group: readonly string[]): string | undefined {
  const written = group.find((file) => existsSync(previousOf(file)) && read(previousOf(file)) !== read(file));
  return written && readPassword(written);
}

function readPassword(file: string): string {
  return readCredentials(read(file)).password;
}

async function setPassword(previousUrl: string, url: string): Promise<void> {
  try {
    await withDatabaseUrl(previousUrl, (db) => setOwnPassword(db, buildVerifier(readCredentials(url).password)));
  } catch (error) {
    if (!isPasswordRefused(error)) throw error;
    await withDatabaseUrl(url, pingDatabase); // an interrupted run has set this password already
  }
}

async function recordRotation(url: string, rotated: readonly string[]): Promise<void> {
  const detail = { by: 'command', secret: 'database_passwords', roles: rotated.join(' ') };
  await withDatabaseUrl(url, (db) => insertAuditEvent(db, { event: 'secret_rotated', detail }));
}
