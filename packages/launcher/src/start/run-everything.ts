import { appendFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { buildVerifier, makeSecret, prepareRoles, type Role, roles } from '@aipassport/store';
import { withDataDirectory } from '../data/with-data-directory.js';
import { prepareDatabase, readRetention } from '../database/prepare-database.js';
import { withDatabaseUrl } from '../database/with-database.js';
import type { LauncherEnvironment } from '../environment.js';
import { locateKeyFiles } from '../keys/key-files.js';
import { makeKeyFiles } from '../keys/make-key-files.js';
import { withKeptPostgres } from '../postgres/with-kept-postgres.js';
import { boundLogs } from './bound-logs.js';
import { checkPorts, listWantedPorts } from './check-ports.js';
import { createFirstOperatorLink } from './first-operator-link.js';
import { formatSummary } from './format-summary.js';
import { type DatabaseUrls, decideOutbox, decideUrls, listServers } from './list-servers.js';
import { listWarnings } from './list-warnings.js';
import { type KnownUpstreams, readUpstreams } from './read-upstreams.js';
import { rejectOnAbort } from './reject-on-abort.js';
import { withServers } from './with-servers.js';

export interface RunOptions {
  readonly environment: LauncherEnvironment;
  /** The environment of this process. Each server gets only its own settings from it. SECRET. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly print: (line: string) => void;
  readonly now: () => Date;
  /** Aborting it ends the servers within 5 s, and then our own PostgreSQL within about 2.5 s. */
  readonly signal: AbortSignal;
}

/** The logs of all programs; see `listServers`. */
const logNames = ['postgres', 'simulated-upstream', 'authorization-server', 'resource-proxy', 'demo-app'];

/**
 * Runs PostgreSQL, the servers and the demo app as separate processes until the signal is aborted. A process that exits
 * by itself is restarted. All processes have ended before this throws.
 *
 * @throws the signal's reason, or the error of a process that cannot be started or kept running
 */
export async function runEverything(options: RunOptions): Promise<never> {
  const { environment, variables, print, now } = options;
  const startedAt = performance.now();
  for (const { text } of listWarnings(environment, variables)) print(`Warning: ${text}`);
  const upstreams = readUpstreams(variables);
  return withDataDirectory(environment.AIPASSPORT_DATA, async (dataDirectory) => {
    const problems = await checkPorts(listWantedPorts(environment, upstreams));
    if (problems.length > 0) throw new Error(problems.join('\n'));
    mkdirSync(path.join(dataDirectory, 'logs'), { recursive: true });
    await makeKeyFiles(locateKeyFiles(path.join(dataDirectory, 'keys')), now());
    const part = { ...options, upstreams, dataDirectory, startedAt, report: createProgress(options.print, startedAt) };
    const endBounds = boundLogs(logNames.map((name) => path.join(dataDirectory, 'logs', `${name}.log`)));
    try {
      const { DATABASE_URL: url } = environment;
      if (url === undefined) return await runOnOwnPostgres(part);
      const { AUTHORIZATION_DATABASE_URL: authorization = url, PROXY_DATABASE_URL: proxy = url } = environment;
      return await runServers(part, { owner: url, authorization, proxy });
    } finally {
      endBounds();
    }
  });
}

interface Part extends RunOptions {
  readonly upstreams: KnownUpstreams;
  readonly dataDirectory: string;
  /** The instant at which the start began, by `performance.now()`. */
  readonly startedAt: number;
  /** Reports that a step is done. */
  readonly report: (step: string) => void;
}

/** Prints how long each step took. */
function createProgress(print: (line: string) => void, startedAt: number): (step: string) => void {
  let doneAt = startedAt;
  return (step) => {
    const now = performance.now();
    print(`Start the ${step} ... ${((now - doneAt) / 1000).toFixed(1)} s`);
    doneAt = now;
  };
}

async function runOnOwnPostgres(part: Part): Promise<never> {
  const { dataDirectory: directory, environment, print, signal } = part;
  const logFile = path.join(directory, 'logs', 'postgres.log');
  rmSync(logFile, { force: true });
  const log = (line: string) => {
    try {
      appendFileSync(logFile, `${line}\n`, { mode: 0o600 });
    } catch {
      // a full disk must not stop the programs
    }
  };
  const options = { directory, durable: true, port: environment.POSTGRES_PORT, log, logFile, print, signal };
  return withKeptPostgres(options, async (postgres, broken) => {
    part.report('database');
    const databaseUrls = await prepareOwnRoles(postgres.url);
    const failing = new AbortController();
    broken.catch((error: unknown) => failing.abort(error));
    return runServers({ ...part, signal: AbortSignal.any([signal, failing.signal]) }, databaseUrls);
  });
}

/**
 * Makes the roles of our own PostgreSQL, with random passwords that are valid for this run only. This also converts the
 * data directory of an earlier version, which had one role.
 */
async function prepareOwnRoles(superuserUrl: string): Promise<DatabaseUrls> {
  const passwords = { owner: makeSecret(), authorization: makeSecret(), proxy: makeSecret() };
  const verifierOf = (role: Role) => buildVerifier(passwords[role]);
  const urlOf = (role: Role) =>
    Object.assign(new URL(superuserUrl), { username: roles[role], password: passwords[role] }).href;
  await withDatabaseUrl(superuserUrl, (db) =>
    prepareRoles(db, {
      owner: verifierOf('owner'),
      authorization: verifierOf('authorization'),
      proxy: verifierOf('proxy'),
    }),
  );
  return { owner: urlOf('owner'), authorization: urlOf('authorization'), proxy: urlOf('proxy') };
}

async function runServers(part: Part, databaseUrls: DatabaseUrls): Promise<never> {
  const { environment, upstreams, dataDirectory, variables, signal, print, report, startedAt } = part;
  const keyFiles = locateKeyFiles(path.join(dataDirectory, 'keys'));
  const proxySecret = readFileSync(keyFiles.resourceProxy.clientSecret, 'utf8');
  const retention = readRetention(environment);
  await withDatabaseUrl(databaseUrls.owner, (db) =>
    prepareDatabase(db, { proxySecret, retention }, { signal, report: print }),
  );
  const servers = listServers({
    environment,
    upstreams,
    databaseUrls,
    dataDirectory,
    keyFiles,
    variables,
    memoryBytes: process.constrainedMemory(),
  });
  const relative = (directory: string) => path.relative(process.cwd(), directory) || '.';
  const operatorLink = await createFirstOperatorLink(databaseUrls.owner, decideUrls(environment, upstreams).issuer);
  const { MAIL_OUTBOX: outbox } = decideOutbox({ dataDirectory, variables });
  return withServers(servers, { signal, report, print }, (broken) => {
    print(
      formatSummary({
        urls: decideUrls(environment, upstreams),
        operatorKeys: upstreams.withKey,
        operatorLink,
        dataDirectory: relative(dataDirectory),
        outbox: outbox === undefined ? undefined : relative(outbox),
        seconds: (performance.now() - startedAt) / 1000,
      }),
    );
    return Promise.race([broken, rejectOnAbort(signal)]);
  });
}
