import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Finding,
  failedCheck,
  isUnverified,
  listRemarks,
  parseDatabaseAddress,
  passedCheck,
  Readiness,
  type ReadinessReport,
} from '@aipassport/contracts';
import {
  assertMigrated,
  checkDatabase,
  type Database,
  type DatabaseWait,
  listMissingSettings,
  pingDatabase,
} from '@aipassport/store';
import type { Logger } from 'pino';
import type { Accounting } from '../admission/open-accounting.js';
import type { AuthorizationServer } from '../introspection/authorization-server.js';
import type { SigningKeys } from '../introspection/signing-keys.js';
import type { SealingKeysFile } from '../provider-keys/sealing-keys.js';
import type { RevocationWatch } from '../revocation/watch-revocations.js';
import { createCredentialsCheck } from './check-credentials.js';

/** The timeout of the checks. It is longer than the timeout of any single statement. */
const timeoutMilliseconds = 2_500;
const retryMilliseconds = 1_000;

/** Called before the server listens. Until `openChecks` is called, health answers say what the server waits for. */
export function createReadiness(log: Logger): Readiness {
  return new Readiness({ onChange: (report) => logReport(log, report), timeoutMilliseconds });
}

/** Reports why a starting server waits for its database, in the log and in health answers. */
export function reportWaiting(readiness: Readiness, log: Logger): DatabaseWait['onWaiting'] {
  return ({ check, message, error }, retryMilliseconds) => {
    readiness.replaceChecks({ [check]: () => failedCheck(message) });
    log.warn(
      { event: `${check}_awaited`, problem: message, retry_ms: retryMilliseconds, err: error },
      'the database cannot be used: all requests are refused with 503 until it can',
    );
  };
}

export interface ReadinessChecks {
  readonly db: Database;
  /** SECRET: contains a password. */
  readonly databaseUrl: string;
  readonly accounting: Pick<Accounting, 'check'>;
  readonly authorizationServer: AuthorizationServer;
  readonly signingKeys: SigningKeys;
  readonly sealingKeysFile: SealingKeysFile;
  readonly watch: RevocationWatch;
  readonly isUnready: () => boolean;
  readonly now: () => number;
  readonly log: Logger;
}

/**
 * Sets up the checks of everything that a request needs, and runs them until all have passed once, so that a problem is
 * logged even if no probe asks for the server's health.
 */
export function openChecks(readiness: Readiness, checks: ReadinessChecks): void {
  const { db, databaseUrl, accounting, authorizationServer, signingKeys, sealingKeysFile, watch, isUnready, now, log } =
    checks;
  const hasSigningKeys = () => signingKeys.isAvailable;
  readiness.replaceChecks(
    {
      database: () => checkDatabase(() => pingDatabase(db)),
      schema: () => checkDatabase(async () => Promise.all([assertMigrated(db), accounting.check()])),
      keys: async () => checkKeys(sealingKeysFile, await signingKeys.ensureAvailable()),
      authorization_server: createCredentialsCheck({ authorizationServer, hasSigningKeys, now, log }),
    },
    {
      revocations: () =>
        watch.isListening() ? passedCheck : failedCheck('revocation notifications are not being received'),
      accepting: () => (isUnready() ? failedCheck('this server is about to stop') : passedCheck),
    },
  );
  void readUntilReady(readiness, isUnready);
  void warnOfDatabase(db, databaseUrl, log);
}

async function readUntilReady(readiness: Readiness, isUnready: () => boolean): Promise<void> {
  while (!isUnready() && !(await readiness.look()).isReady) await sleep(retryMilliseconds, undefined, { ref: false });
}

function checkKeys(file: SealingKeysFile, hasSigningKeys: boolean): Finding {
  if (!hasSigningKeys) return failedCheck('the signing keys of the authorization server could not be fetched');
  try {
    file.read();
    return passedCheck;
  } catch {
    // The sealing keys that were read at the start stay in use.
    return { ok: true, message: 'the file of the sealing keys can no longer be read' };
  }
}

/** Logs, once at the start, problems of the database connection that do not keep the server from starting. */
async function warnOfDatabase(db: Database, databaseUrl: string, log: Logger): Promise<void> {
  if (isUnverified(parseDatabaseAddress(databaseUrl)))
    log.warn(
      { event: 'database_not_verified' },
      'the identity of the database server is not verified: set sslmode=verify-full',
    );
  const settings = await listMissingSettings(db).catch(() => []);
  if (settings.length > 0)
    log.warn(
      { event: 'database_settings_missing', settings },
      'a pooler drops these settings: configure them in the pooler, see docs/operations.md',
    );
}

function logReport(log: Logger, report: ReadinessReport): void {
  if (report.isReady) log.info({ event: 'ready', ...listRemarks(report) });
  else log.warn({ event: 'unready', ...listRemarks(report) }, 'a request would fail now');
}
