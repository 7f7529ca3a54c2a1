import { readFileSync } from 'node:fs';
import path from 'node:path';
import { locateKeyFiles } from './key-files.js';
import { makeSecret } from './make-keys.js';
import { writeSecretFile } from './write-secret-file.js';

/**
 * Makes what a deployment needs to have a PostgreSQL of its own: a password that nobody chose, for the database to
 * start with, and the URL with it for either server. What is there is left as it is.
 *
 * @param database `postgres://user@host:port/name`, without a password
 * @returns the files that were made
 */
export function makeDatabaseSecrets(directory: string, database: string): readonly string[] {
  const { authorizationServer, resourceProxy } = locateKeyFiles(directory);
  const passwordFile = path.join(directory, 'database', 'password');
  const made = writeSecretFile(passwordFile, makeSecret()) ? [passwordFile] : [];
  const url = new URL(database);
  url.password = readFileSync(passwordFile, 'utf8');
  for (const server of [authorizationServer, resourceProxy]) {
    const file = path.join(server.directory, 'database-url');
    if (writeSecretFile(file, url.href)) made.push(file);
  }
  return made;
}
