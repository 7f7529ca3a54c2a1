import { prepareRoles as prepare, roles } from '@aipassport/store';
import { describeDatabase } from '../database/describe-database.js';
import { withDatabase } from '../database/with-database.js';
import { locateDatabaseFiles, readVerifiers } from '../keys/make-database-secrets.js';
import type { CommandContext } from './context.js';
import { chooseDirectory, type KeysOptions } from './keys.js';

/**
 * `prepare-roles`: creates the database's three roles, with the passwords from `keys init --database`. It makes
 * `aipassport_owner` the owner of everything in the database. No other command needs a superuser.
 */
export async function prepareRoles(
  { environment, print }: CommandContext,
  options: Pick<KeysOptions, 'directory'>,
): Promise<void> {
  const { verifiers } = locateDatabaseFiles(chooseDirectory(environment.AIPASSPORT_DATA, options));
  const known = readVerifiers(verifiers);
  await withDatabase(environment, (db) => prepare(db, known, print));
  print(`${Object.values(roles).join(', ')} are the roles of the database ${describeDatabase(environment)}.`);
}
