import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { withDataDirectory } from '../data/with-data-directory.js';
import { prepareDatabase, readRetention } from '../database/prepare-database.js';
import { withDatabaseUrl } from '../database/with-database.js';
import type { LauncherEnvironment } from '../environment.js';
import { locateKeyFiles } from '../keys/key-files.js';
import { makeKeyFiles } from '../keys/make-key-files.js';
import { withPostgres } from '../postgres/with-postgres.js';
import { checkPorts, listWantedPorts } from './check-ports.js';
import { formatSummary } from './format-summary.js';
import { decideAddresses, listOperatorKeys, listServers } from './list-servers.js';
import { rejectOnAbort, withServers } from './with-servers.js';

export interface RunOptions {
  readonly environment: LauncherEnvironment;
  /** Our own environment, of which each server gets what is meant for it. SECRET. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly print: (line: string) => void;
  readonly now: () => Date;
  /** Ends it all, in order, within 5 s. */
  readonly signal: AbortSignal;
}

/**
 * Runs PostgreSQL, the servers and the demo app, as processes of their own, until the signal.
 *
 * @throws the signal's reason, or what kept a part from starting or ended it; nothing runs any more then
 */
export async function runEverything(options: RunOptions): Promise<never> {
  const { environment, now } = options;
  const startedAt = performance.now();
  return withDataDirectory(environment.AIPASSPORT_DATA, async (dataDirectory) => {
    const problems = await checkPorts(listWantedPorts(environment));
    if (problems.length > 0) throw new Error(problems.join('\n'));
    mkdirSync(path.join(dataDirectory, 'logs'), { recursive: true });
    await makeKeyFiles(locateKeyFiles(path.join(dataDirectory, 'keys')), now());
    const part = { ...options, dataDirectory, startedAt, report: createProgress(options.print, startedAt) };
    if (environment.DATABASE_URL !== undefined) return runServers(part, environment.DATABASE_URL);
    return runOnOwnPostgres(part);
  });
}

interface Part extends RunOptions {
  readonly dataDirectory: string;
  /** By `performance.now()`. */
  readonly startedAt: number;
  /** Tells that a step is done. */
  readonly report: (step: string) => void;
}

/** Says of each step how long it took, since the one before it. */
function createProgress(print: (line: string) => void, startedAt: number): (step: string) => void {
  let doneAt = startedAt;
  return (step) => {
    const now = performance.now();
    print(`Start the ${step} ... ${((now - doneAt) / 1000).toFixed(1)} s`);
    doneAt = now;
  };
}

async function runOnOwnPostgres(part: Part): Promise<never> {
  const logFile = path.join(part.dataDirectory, 'logs', 'postgres.log');
  writeFileSync(logFile, '', { mode: 0o600 });
  const log = (line: string) => appendFileSync(logFile, `${line}\n`);
  const port = part.environment.POSTGRES_PORT;
  return withPostgres({ directory: part.dataDirectory, durable: true, port, log }, (postgres) => {
    part.report('database');
    const gone = new Promise<never>((_, reject) => {
      postgres.onExit((why) => reject(new Error(`${why}. See ${logFile}`)));
    });
    return Promise.race([gone, runServers(part, postgres.url)]);
  });
}

async function runServers(part: Part, databaseUrl: string): Promise<never> {
  const { environment, dataDirectory, variables, signal, print, report, startedAt } = part;
  const keyFiles = locateKeyFiles(path.join(dataDirectory, 'keys'));
  const proxySecret = readFileSync(keyFiles.resourceProxy.clientSecret, 'utf8');
  await withDatabaseUrl(databaseUrl, (db) => prepareDatabase(db, proxySecret, readRetention(environment)));
  const servers = listServers({ environment, databaseUrl, dataDirectory, keyFiles, variables });
  return withServers(servers, { signal, report }, (broken) => {
    print(
      formatSummary({
        addresses: decideAddresses(environment),
        operatorKeys: listOperatorKeys(environment),
        dataDirectory: path.relative(process.cwd(), dataDirectory) || '.',
        seconds: (performance.now() - startedAt) / 1000,
      }),
    );
    return Promise.race([broken, rejectOnAbort(signal)]);
  });
}
