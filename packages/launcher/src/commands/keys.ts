import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { type DescribedFile, listDatabaseFiles, listDescribedFiles, listNamedFiles } from '../keys/describe-keys.js';
import { locateKeyFiles } from '../keys/key-files.js';
import { locateDatabaseFiles, makeDatabaseSecrets, requireDatabaseUrl } from '../keys/make-database-secrets.js';
import { makeKeyFiles } from '../keys/make-key-files.js';
import type { CommandContext } from './context.js';
import { listDeployedFiles } from './examine-keys.js';
import { recordAct } from './record-act.js';

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
export async function initKeys(context: CommandContext, options: KeysOptions): Promise<void> {
  const { environment, print, now } = context;
  if (options.oneRole === true && options.database === undefined)
    throw new Error('--one-role needs --database: without it, no passwords are made.');
  if (options.database !== undefined) requireDatabaseUrl(options.database);
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
  if (lines.length === 0) return print(`No key is missing in ${directory}.`);
  const files = [...made, ...ofDatabase.made, ...ofDatabase.replaced].map((file) => path.relative(directory, file));
  await recordAct(context, { event: 'secrets_made', detail: { files: files.join(' ') } });
}

/**
 * `keys list`: shows where the key files are, who may read them, when they were changed, and what each key is used for.
 * Without `--directory`, it shows the files that variables name, and those of the data directory unless the variables
 * name key files of a deployment. Never shows a secret.
 */
export function listKeys({ environment, variables, now, print }: CommandContext, options: KeysOptions): void {
  const directory = chooseDirectory(environment.AIPASSPORT_DATA, options);
  const isElsewhere = options.directory === undefined && listDeployedFiles(variables).length > 0;
  const ofDirectory = isElsewhere
    ? []
    : [...listDescribedFiles(locateKeyFiles(directory)), ...listDatabaseFiles(locateDatabaseFiles(directory))];
  const named = options.directory === undefined ? listNamedFiles(variables) : [];
  for (const described of [...ofDirectory, ...named]) {
    const { file, variable } = described;
    const where = variable === undefined ? file : `${variable}: ${file}`;
    if (!existsSync(file)) {
      print(`none  ${where}`);
      continue;
    }
    const { mode, mtime } = statSync(file);
    print(`${(mode & 0o777).toString(8).padStart(4, '0')}  ${where}  changed ${describeAge(mtime, now())}`);
    for (const key of describeContents(described)) print(`      ${key}`);
  }
}

/** A file that cannot be read or is invalid must not hide the state of the others. */
function describeContents({ describe }: DescribedFile): readonly string[] {
  try {
    return describe();
  } catch (error) {
    return [`not usable: ${error instanceof Error ? error.message : 'unreadable'}`];
  }
}

function describeAge(changedAt: Date, now: Date): string {
  const days = Math.floor((now.getTime() - changedAt.getTime()) / 86_400_000);
  if (days < 1) return 'less than a day ago';
  return days === 1 ? '1 day ago' : `${days} days ago`;
}

/** The directory of the key files. */
export function chooseDirectory(dataDirectory: string, { directory }: Pick<KeysOptions, 'directory'>): string {
  return path.resolve(directory ?? path.join(dataDirectory, 'keys'));
}
