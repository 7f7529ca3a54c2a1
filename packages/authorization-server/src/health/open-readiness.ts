import { describeUnreadable, type Finding, failedCheck, passedCheck, type Readiness } from '@aipassport/contracts';
import {
  assertMigrated,
  checkDatabase,
  type Database,
  type JournalWatch,
  pingDatabase,
  type RestoreWatch,
  restoredMessage,
  warnOfDatabase,
} from '@aipassport/store';
import { checkTables } from '@aipassport/store/authorization';
import type { Logger } from 'pino';
import type { RotatedKeys } from '../configuration.js';
import type { RotatedSecrets } from '../rotated-secrets.js';

/**
 * How long a check may take: half a second longer than the default time limit for a connection, because the checks'
 * statements are short.
 */
export const checkMilliseconds = 3_500;

export interface ReadinessChecks {
  readonly db: Database;
  readonly restoreWatch: Pick<RestoreWatch, 'isRestored'>;
  readonly journalWatch: Pick<JournalWatch, 'findProblem'>;
  /** SECRET: contains a password. */
  readonly databaseUrl: string;
  readonly rotatedKeys: RotatedKeys;
  readonly rotatedSecrets: Pick<RotatedSecrets, 'listUnreadable'>;
  readonly isUnready: () => boolean;
  readonly log: Logger;
}

/** Sets up the checks of everything that a request needs, and runs each check once. */
export function openChecks(
  readiness: Readiness,
  { db, restoreWatch, journalWatch, databaseUrl, rotatedKeys, rotatedSecrets, isUnready, log }: ReadinessChecks,
): void {
  readiness.replaceChecks(
    {
      database: () => {
        const problem = restoreWatch.isRestored() ? restoredMessage : journalWatch.findProblem();
        return problem === undefined ? checkDatabase(() => pingDatabase(db)) : failedCheck(problem);
      },
      schema: () => checkDatabase(() => Promise.all([assertMigrated(db), checkTables(db)])),
      keys: () => checkKeys(rotatedKeys, rotatedSecrets),
    },
    { accepting: () => (isUnready() ? failedCheck('this server is about to stop') : passedCheck) },
  );
  void readiness.runChecks();
  void warnOfDatabase({ db, databaseUrl, log });
}

function checkKeys(keys: RotatedKeys, secrets: ReadinessChecks['rotatedSecrets']): Finding {
  const { readSigningKeys, readIdTokenKeys, readCookieKeys, readAuditKeys, readSealingKey } = keys;
  // The sealing key is not kept in memory: its file is read for each provider key that an owner stores.
  if (!canRead(readSealingKey))
    return failedCheck('the file of the public sealing key cannot be read, so owners cannot store API keys');
  const unreadable = secrets.listUnreadable();
  if (unreadable.length > 0) return { ok: true, message: describeUnreadable(unreadable) };
  if ([readSigningKeys, readIdTokenKeys, readCookieKeys, readAuditKeys].every(canRead)) return passedCheck;
  // The check passes, because the server signs with the keys that it read last. The message is for an operator
  // who rotates keys.
  return { ok: true, message: 'a file of the signing, cookie or audit keys cannot be read any more' };
}

function canRead(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}
