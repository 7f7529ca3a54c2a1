import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { listMisspelt, listSurroundings } from '@aipassport/contracts';
import { readRequestSettings } from '@aipassport/resource-proxy';
import {
  assertMigrated,
  type Database,
  listServerRoles,
  readDurability,
  readInstance,
  type ServerRole,
} from '@aipassport/store';
import { isLocked } from '../data/lock-directory.js';
import { withDatabase } from '../database/with-database.js';
import { locateKeyFiles } from '../keys/key-files.js';
import { findObstacle, listWantedPorts } from '../start/check-ports.js';
import { readPrices, readUpstreams } from '../start/read-upstreams.js';
import type { CommandContext } from './context.js';
import { examineConnection } from './examine-connection.js';
import { examineJournal } from './examine-journal.js';
import { examineKeys, examineMode, listDeployedFiles } from './examine-keys.js';
import { examineRoundTrip } from './examine-round-trip.js';
import { examineSealing } from './examine-sealing.js';
import { examineSealingKeys } from './examine-sealing-keys.js';
import { examineSpace } from './examine-space.js';
import { examineTls } from './examine-tls.js';
import { examineUpkeep } from './examine-upkeep.js';
import type { Finding } from './finding.js';

const neededMajor = 24;

/** `doctor`: checks everything that a start needs, and reports what is wrong. */
export async function examine(context: CommandContext): Promise<void> {
  const database = await examineDatabase(context);
  const findings = [
    examineNode(),
    ...examineFiles(context),
    ...(await examineSealingKeys(context)),
    ...examinePrices(context),
    ...examineRequestFields(context),
    ...examineSettings(context),
    ...examineJournal(context),
    ...database.findings,
    ...(await examineServers(context, database.instance)),
    ...(await examinePublicSide(context)),
  ];
  for (const finding of findings) context.print(`${formatVerdict(finding)}  ${finding.text}`);
  const faults = findings.filter(({ ok }) => !ok).length;
  if (faults > 0) throw new Error(`${faults} of ${findings.length} checks found a fault.`);
}

function formatVerdict({ ok, isWarning }: Finding): string {
  if (!ok) return 'NOT OK';
  return isWarning === true ? 'WARN  ' : 'ok    ';
}

/** Checks what clients meet: certificates, and the way of a token. Only of a deployment, whose URLs variables name. */
async function examinePublicSide({ variables, environment, now }: CommandContext): Promise<readonly Finding[]> {
  const { ISSUER: issuer, RESOURCE_PROXY_URL: resourceProxyUrl, SIGNING_KEYS_FILE: file } = variables;
  if (!issuer || !resourceProxyUrl) return [];
  const ofData = locateKeyFiles(path.resolve(environment.AIPASSPORT_DATA, 'keys')).authorizationServer.signingKeys;
  const signingKeysFile = listDeployedFiles(variables).length > 0 ? file : ofData;
  return [
    ...(await examineTls([issuer, resourceProxyUrl], now())),
    await examineRoundTrip({ issuer, resourceProxyUrl, signingKeysFile, now: now() }),
  ];
}

function examineNode(): Finding {
  const isNewEnough = Number(process.versions.node.split('.')[0]) >= neededMajor;
  return {
    ok: isNewEnough,
    text: `Node ${process.versions.node}${isNewEnough ? '' : `: install Node ${neededMajor} or newer`}`,
  };
}

/** Checks the key files, and the data directory unless variables name the key files of a deployment. */
function examineFiles(context: CommandContext): readonly Finding[] {
  if (listDeployedFiles(context.variables).length > 0) return examineKeys(context);
  const data = path.resolve(context.environment.AIPASSPORT_DATA);
  if (!existsSync(data)) return [{ ok: true, text: `${data}: nothing is there yet, \`npm start\` makes it` }];
  return [examineMode(data), examineSpace(data), ...examineKeys(context)];
}

/** Checks the settings of models and prices. The servers do not start with invalid settings. */
function examinePrices({ variables }: CommandContext): readonly Finding[] {
  try {
    const { file, overrides } = readPrices(variables);
    if (overrides === undefined || file === undefined) return [];
    const { upstreams = [], models, discounts } = overrides;
    const added = upstreams.length === 0 ? '' : `${upstreams.map(({ name }) => name).join(', ')}, `;
    return [{ ok: true, text: `${file}: ${added}${models.length} models, ${discounts.length} discounts` }];
  } catch (error) {
    return [{ ok: false, text: error instanceof Error ? error.message : String(error) }];
  }
}

/** Checks the file that `REQUEST_FIELDS_FILE` names. The resource proxy does not start with an invalid file. */
function examineRequestFields({ variables }: CommandContext): readonly Finding[] {
  const file = variables['REQUEST_FIELDS_FILE'];
  if (file === undefined || file === '') return [];
  try {
    readRequestSettings({ readFile: (path) => readFileSync(path, 'utf8') }, { path: file, unknownFields: 'drop' });
    return [{ ok: true, text: `${file}: is valid` }];
  } catch (error) {
    return [{ ok: false, text: error instanceof Error ? error.message : String(error) }];
  }
}

/**
 * Finds settings that are misspelt, have no effect or weaken a protection. The findings contain names, never values.
 */
function examineSettings({ variables }: CommandContext): readonly Finding[] {
  return [...listMisspelt(variables), ...listSurroundings(variables)].map(({ text }) => ({ ok: false, text }));
}

interface DatabaseFindings {
  readonly findings: readonly Finding[];
  /** Names the database; undefined when it was not read. */
  readonly instance?: string | undefined;
}

async function examineDatabase(context: CommandContext): Promise<DatabaseFindings> {
  const { environment } = context;
  const isOwn = environment.DATABASE_URL === undefined;
  if (isOwn && !existsSync(path.join(environment.AIPASSPORT_DATA, 'postgres')))
    return { findings: [{ ok: true, text: 'database: nothing is there yet, `npm start` makes it' }] };
  try {
    return await withDatabase(environment, (db) => examineConnected(db, context), {
      statementTimeoutMilliseconds: 5_000,
    });
  } catch (error) {
    const { message, code } = error as Partial<NodeJS.ErrnoException>; // the message is empty if two IP addresses failed
    return {
      findings: [
        { ok: false, text: `database: ${message || code || 'cannot be reached'}; start it, or correct DATABASE_URL` },
      ],
    };
  }
}

async function examineConnected(db: Database, context: CommandContext): Promise<DatabaseFindings> {
  const { version, fsync, fullPageWrites, synchronousCommit } = await readDurability(db);
  const schema = await assertMigrated(db).then(
    () => ({ ok: true, text: 'database: its schema is up to date' }),
    (error: Error) => ({ ok: false, text: `database: ${error.message}` }),
  );
  const findings = [
    { ok: true, text: `database: PostgreSQL ${version} answers` },
    schema,
    ...(await examineConnection(db, context)),
    ...(await listServerRoles(db)).map(examineRole),
    describeDurability('fsync', fsync ? 'on' : 'off'),
    describeDurability('full_page_writes', fullPageWrites ? 'on' : 'off'),
    describeDurability('synchronous_commit', synchronousCommit),
    ...(schema.ok ? [...(await examineUpkeep(db)), await unlessDenied('audit log', examineSealing(db))] : []),
  ];
  return { findings, instance: schema.ok ? await readInstance(db) : undefined };
}

/** Not every role of the database may read everything: the resource proxy's may not read the audit log. */
async function unlessDenied(what: string, examination: Promise<Finding>): Promise<Finding> {
  return examination.catch((error: unknown) => {
    if ((error as { readonly code?: unknown }).code !== '42501') throw error;
    const text = `${what}: this role of the database may not read it: run \`doctor\` where the authorization server runs`;
    return { ok: true, isWarning: true, text };
  });
}

function describeDurability(setting: string, value: string): Finding {
  const text = `database: ${setting} is ${value}`;
  if (value !== 'off') return { ok: true, text };
  return {
    ok: false,
    text: `${text}, so a power cut can undo revocations and spending: run \`alter system set ${setting} = on\` and \`select pg_reload_conf()\` there`,
  };
}

/**
 * Checks that a server's database role has few rights: an attacker who takes over the server gets exactly these rights.
 */
function examineRole({ server, role, power }: ServerRole): Finding {
  const fault = { superuser: 'a superuser', owner: 'which owns the tables', none: undefined }[power];
  const text = `database: the ${server} connects as the role ${role}`;
  return {
    ok: fault === undefined,
    text: fault === undefined ? text : `${text}, ${fault}: see docs/operations.md, Roles`,
  };
}

/**
 * Checks that each port is free, or that our own server answers on it. A server of another data directory answers in
 * the same way. So a server counts as ours only if a launcher is running with our data directory, or if `DATABASE_URL`
 * is set, because the servers may then run without a launcher.
 */
async function examineServers(
  { environment, variables }: CommandContext,
  instance: string | undefined,
): Promise<readonly Finding[]> {
  const own = variables['PORT']; // a container sets `PORT`, and runs only one server
  if (own !== undefined)
    return [
      await examineHealth({ name: 'this server', port: Number(own), instance }, `nothing answers on port ${own}`),
    ];
  const servers = listWantedPorts(environment, { withKey: listUpstreamsWithKey(variables) }).filter(
    ({ variable }) => variable !== 'POSTGRES_PORT',
  );
  const mayBeOurs = environment.DATABASE_URL !== undefined || (await isLocked(environment.AIPASSPORT_DATA));
  return Promise.all(
    servers.map(async ({ name, variable, port }) => {
      if ((await findObstacle(port)) === undefined)
        return { ok: true, text: `${name}: not running, port ${port} is free` };
      if (!mayBeOurs)
        return { ok: false, text: `${name}: not running, and port ${port} is taken: set ${variable} to another port` };
      return examineHealth(
        { name, port, instance },
        `port ${port} is taken by another program: set ${variable} to another port`,
      );
    }),
  );
}

/** @returns an empty list when the price settings are invalid: `examinePrices` reports that */
function listUpstreamsWithKey(variables: CommandContext['variables']): readonly string[] {
  try {
    return readUpstreams(variables).withKey;
  } catch {
    return [];
  }
}

interface ExaminedServer {
  readonly name: string;
  readonly port: number;
  /** Names the database of this command. */
  readonly instance: string | undefined;
}

async function examineHealth({ name, port, instance }: ExaminedServer, otherwise: string): Promise<Finding> {
  const readyUrl = `http://localhost:${port}/health/ready`;
  const answer = await fetch(readyUrl, { signal: AbortSignal.timeout(5000) }).catch(() => undefined);
  const body: unknown = await answer?.json().catch(() => undefined);
  if (isOfOtherInstance(body, instance))
    return {
      ok: false,
      text: `${name}: the server on port ${port} uses another database than this command: give both the same DATABASE_URL`,
    };
  if (answer?.ok === true) return { ok: true, text: `${name}: is ready on port ${port}` };
  const problems = answer?.status === 503 ? readProblems(body) : [];
  if (problems.length > 0)
    return { ok: false, text: `${name}: is not ready: ${problems.join('; ')}; see docs/operations.md, Health` };
  // The demo app and the simulated AI provider have only `/health`, not `/health/ready`.
  const isHealthy = await fetch(`http://localhost:${port}/health`, { signal: AbortSignal.timeout(3000) }).then(
    (response) => response.ok,
    () => false,
  );
  return { ok: isHealthy, text: isHealthy ? `${name}: answers on port ${port}` : `${name}: ${otherwise}` };
}

/** A server of an earlier release does not name its database. */
function isOfOtherInstance(body: unknown, instance: string | undefined): boolean {
  const { instance: named } = (body ?? {}) as { readonly instance?: unknown };
  return typeof named === 'string' && instance !== undefined && named !== instance;
}

/** The failed checks that one of our servers reports. */
function readProblems(body: unknown): readonly string[] {
  const { checks } = (body ?? {}) as { checks?: Record<string, { ok?: unknown; message?: unknown }> };
  return Object.entries(checks ?? {}).flatMap(([check, { ok, message }]) =>
    ok === false ? [`${check} (${String(message)})`] : [],
  );
}
