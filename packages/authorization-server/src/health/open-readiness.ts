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
import { checkTables } from '@aipassport/store/authorization';
import type { Logger } from 'pino';
import type { RotatedKeys } from '../configuration.js';

/** Half a second longer than the default time limit for a connection, because the checks' statements are short. */
const timeoutMilliseconds = 3_500;

/**
 * The readiness of a server that starts. It is made before the server listens. Until `openChecks` is called, health
 * answers say why the starting server waits.
 */
export function createReadiness(log: Logger): Readiness {
  return new Readiness({ onChange: (report) => logReport(log, report), timeoutMilliseconds });
}

/** Says, in the log and in health answers, why a starting server cannot use its database yet. */
export function logWaiting(readiness: Readiness, log: Logger): DatabaseWait['onWaiting'] {
  return ({ check, message, error }, retryMilliseconds) => {
    readiness.replaceChecks({ [check]: () => failedCheck(message) });
    log.warn(
      { event: `${check}_awaited`, problem: message, retry_ms: retryMilliseconds, err: error },
      'the database cannot be used: every request is answered 503 until it can',
    );
  };
}

export interface ReadinessChecks {
  readonly db: Database;
  /** SECRET: contains a password. */
  readonly databaseUrl: string;
  readonly rotatedKeys: RotatedKeys;
  readonly isUnready: () => boolean;
  readonly log: Logger;
}

/** Starts the checks of everything that a request needs, and runs each check once now. */
export function openChecks(
  readiness: Readiness,
  { db, databaseUrl, rotatedKeys, isUnready, log }: ReadinessChecks,
): void {
  readiness.replaceChecks(
    {
      database: () => checkDatabase(() => pingDatabase(db)),
      schema: () => checkDatabase(() => Promise.all([assertMigrated(db), checkTables(db)])),
      keys: () => checkKeys(rotatedKeys),
    },
    { accepting: () => (isUnready() ? failedCheck('this server is about to stop') : passedCheck) },
  );
  void readiness.look();
  void warnOfDatabase(db, databaseUrl, log);
}

function checkKeys({ readSigningKeys, readIdTokenKeys, readSealingKey }: RotatedKeys): Finding {
  // The sealing key is not kept: its file is read for each API key that an owner stores.
  if (!canRead(readSealingKey))
    return failedCheck('the file of the public sealing key cannot be read, so owners cannot store API keys');
  if (canRead(readSigningKeys) && canRead(readIdTokenKeys)) return passedCheck;
  // The server keeps signing with the signing keys that it read last, so the check passes. The message is for an
  // operator who rotates keys.
  return { ok: true, message: 'the file of the signing keys cannot be read any more' };
}

function canRead(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}

/** Logs problems with the database once, at the start. The server answers requests in spite of these problems. */
async function warnOfDatabase(db: Database, databaseUrl: string, log: Logger): Promise<void> {
  if (isUnverified(parseDatabaseAddress(databaseUrl)))
    log.warn(
      { event: 'database_not_verified' },
      'the certificate of the database is not verified, so another machine could pose as the database: set sslmode=verify-full',
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
