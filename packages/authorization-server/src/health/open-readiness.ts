import {
  failing,
  type Finding,
  isUnverified,
  listRemarks,
  parseDatabaseAddress,
  Readiness,
  type ReadinessReport,
  well,
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

/** Longer than a connection and a short statement may take. */
const timeoutMilliseconds = 3_500;

/** Made before the server listens; until `openChecks` it says what the start waits for. */
export function createReadiness(log: Logger): Readiness {
  return new Readiness({ onChange: (report) => logReport(log, report), timeoutMilliseconds });
}

/** What a server that waits for its database says of it, to its operator and to whoever asks for its health. */
export function tellWaiting(readiness: Readiness, log: Logger): DatabaseWait['onWaiting'] {
  return ({ check, message, error }, retryMilliseconds) => {
    readiness.replaceChecks({ [check]: () => failing(message) });
    log.warn(
      { event: `${check}_awaited`, problem: message, retry_ms: retryMilliseconds, err: error },
      'the database cannot be used: until then everything is refused with 503',
    );
  };
}

export interface ReadinessChecks {
  readonly db: Database;
  /** SECRET: holds a password. */
  readonly databaseUrl: string;
  readonly rotatedKeys: RotatedKeys;
  readonly isUnready: () => boolean;
  readonly log: Logger;
}

/** Everything that a request needs is looked at from now on, once now. */
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
    { accepting: () => (isUnready() ? failing('this server is about to stop') : well) },
  );
  void readiness.look();
  void warnOfDatabase(db, databaseUrl, log);
}

function checkKeys({ readSigningKeys, readSealingKey }: RotatedKeys): Finding {
  try {
    readSigningKeys();
    readSealingKey();
    return well;
  } catch {
    // It goes on with those that were read at the start; but who rotates keys has to know.
    return { ok: true, message: 'the file of the signing keys or of the public sealing key cannot be read any more' };
  }
}

/** Told once, at the start: neither keeps the server from serving. */
async function warnOfDatabase(db: Database, databaseUrl: string, log: Logger): Promise<void> {
  if (isUnverified(parseDatabaseAddress(databaseUrl)))
    log.warn({ event: 'database_not_verified' }, 'anybody between could be the database: say sslmode=verify-full');
  const settings = await listMissingSettings(db).catch(() => []);
  if (settings.length > 0)
    log.warn(
      { event: 'database_settings_missing', settings },
      'a pooler drops these settings: have it set them itself, see docs/operations.md',
    );
}

function logReport(log: Logger, report: ReadinessReport): void {
  if (report.isReady) log.info({ event: 'ready', ...listRemarks(report) });
  else log.warn({ event: 'unready', ...listRemarks(report) }, 'a request would fail now');
}
