import { failedCheck, isUnverified, parseDatabaseUrl, type Readiness } from '@aipassport/contracts';
import type { Kysely } from 'kysely';
import type { Schema } from '../schema.js';
import { listMissingSettings } from './list-missing-settings.js';
import type { DatabaseWait } from './when-database-answers.js';

/** The log of a server. */
interface WarningLog {
  readonly warn: (line: object, text: string) => void;
}

/** Says, in the log and in health answers, why a starting server cannot use its database yet. */
export function reportWaiting(readiness: Readiness, log: WarningLog): DatabaseWait['onWaiting'] {
  return ({ check, message, error }, retryMilliseconds) => {
    readiness.replaceChecks({ [check]: () => failedCheck(message) });
    log.warn(
      { event: `${check}_awaited`, problem: message, retry_ms: retryMilliseconds, err: error },
      'the database cannot be used: every request is answered 503 until it can',
    );
  };
}

interface WarnedDatabase {
  readonly db: Kysely<Schema>;
  /** SECRET: contains a password. */
  readonly databaseUrl: string;
  readonly log: WarningLog;
}

/** Logs, once at the start, problems of the database connection that do not keep the server from starting. */
export async function warnOfDatabase({ db, databaseUrl, log }: WarnedDatabase): Promise<void> {
  if (isUnverified(parseDatabaseUrl(databaseUrl)))
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
