import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { type KeyFiles, locateKeyFiles } from '../keys/key-files.js';
import { makeDatabaseSecrets } from '../keys/make-database-secrets.js';
import { makeKeyFiles } from '../keys/make-key-files.js';
import type { CommandContext } from './context.js';

export interface KeysOptions {
  readonly directory?: string | undefined;
  /** `postgres://user@host/name`, without a password. */
  readonly database?: string | undefined;
  /** Gives both servers the superuser's URL. */
  readonly oneRole?: boolean;
}

/**
 * `keys init`: makes the missing secrets and changes no existing one. With `--database`, it also makes the database's
 * secrets, and replaces those that are wrong: a URL that names the wrong user, and verifiers that do not match the
 * passwords.
 */
export async function initKeys({ environment, print, now }: CommandContext, options: KeysOptions): Promise<void> {
  if (options.oneRole === true && options.database === undefined)
    throw new Error('--one-role needs --database: without it, no passwords are made.');
  const directory = chooseDirectory(environment.AIPASSPORT_DATA, options);
  const made = await makeKeyFiles(locateKeyFiles(directory), now());
  const ofDatabase =
    options.database === undefined
      ? { made: [], replaced: [] }
      : makeDatabaseSecrets(directory, { database: options.database, isOneRole: options.oneRole === true });
  const lines = [
    ...[...made, ...ofDatabase.made].map((file) => `made ${file}`),
    ...ofDatabase.replaced.map((file) => `replaced ${file}`),
  ];
  for (const line of lines) print(line);
  if (lines.length === 0) print(`No key is missing in ${directory}.`);
}

/** `keys list`: shows where the key files are and who may read them, never their content. */
export function listKeys({ environment, print }: CommandContext, options: KeysOptions): void {
  for (const file of listKeyFiles(locateKeyFiles(chooseDirectory(environment.AIPASSPORT_DATA, options))))
    print(`${existsSync(file) ? (statSync(file).mode & 0o777).toString(8).padStart(4, '0') : 'none'}  ${file}`);
}

export function listKeyFiles({ authorizationServer, audit, resourceProxy }: KeyFiles): readonly string[] {
  return [
    authorizationServer.signingKeys,
    authorizationServer.idTokenKeys,
    authorizationServer.cookieKeys,
    authorizationServer.sealingPublicKey,
    audit.keys,
    resourceProxy.sealingPrivateKey,
    resourceProxy.clientSecret,
  ];
}

/** The directory of the key files. */
export function chooseDirectory(dataDirectory: string, { directory }: Pick<KeysOptions, 'directory'>): string {
  return path.resolve(directory ?? path.join(dataDirectory, 'keys'));
}
