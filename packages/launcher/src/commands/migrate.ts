import { readFileSync } from 'node:fs';
import { defineEnvironment, proxyClientId, required, secret } from '@aipassport/contracts';
import { migrate } from '@aipassport/store';
import { listOperators } from '@aipassport/store/authorization';
import { prepareDatabase, readRetention, recordMigrations } from '../database/prepare-database.js';
import { withDatabase } from '../database/with-database.js';
import type { CommandContext } from './context.js';
import { noOperatorHint } from './operators.js';
import { untilInterrupted } from './until-interrupted.js';

/** `migrate`: brings the schema up to date. */
export async function migrateDatabase({ environment, print, printProgress }: CommandContext): Promise<void> {
  const applied = await untilInterrupted((signal) =>
    withDatabase(environment, (db) => migrate(db, { signal, report: printProgress, onApplied: recordMigrations })),
  );
  printMigrations(applied, print);
}

const initEnvironment = defineEnvironment({
  PROXY_CLIENT_ID: proxyClientId,
  PROXY_CLIENT_SECRET: required(secret, {
    description: 'The secret with which the resource proxy introspects tokens.',
  }),
});

/** `init`: before a deployment's servers start, migrates the database and registers the resource proxy as a client. */
export async function initDatabase({ environment, variables, print, printProgress }: CommandContext): Promise<void> {
  const readFile = (path: string) => readFileSync(path, 'utf8');
  const values = initEnvironment.read({ variables, readFile });
  const preparation = {
    proxyClientId: values.PROXY_CLIENT_ID,
    proxySecret: values.PROXY_CLIENT_SECRET,
    retention: readRetention(environment),
  };
  const { applied, operators } = await untilInterrupted((signal) =>
    withDatabase(environment, async (db) => ({
      applied: await prepareDatabase(db, preparation, { signal, report: printProgress }),
      operators: await listOperators(db),
    })),
  );
  printMigrations(applied, print);
  print('The resource proxy is known to the authorization server.');
  // `operators invite` prints the link. `init` does not, because container engines keep its output.
  if (operators.length === 0) print(noOperatorHint);
}

function printMigrations(applied: readonly string[], print: (line: string) => void): void {
  print(applied.length === 0 ? 'The database is up to date.' : `Applied to the database: ${applied.join(', ')}.`);
}
