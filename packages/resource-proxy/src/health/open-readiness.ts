import { setTimeout as sleep } from 'node:timers/promises';
import {
  describeUnreadable,
  type Finding,
  failedCheck,
  passedCheck,
  type Readiness,
  type SecretFiles,
} from '@aipassport/contracts';
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
import type { Logger } from 'pino';
import type { Accounting } from '../admission/open-accounting.js';
import type { AuthorizationServer } from '../introspection/authorization-server.js';
import type { SigningKeys } from '../introspection/signing-keys.js';
import type { SealingKeysFile } from '../provider-keys/sealing-keys.js';
import type { TransitEngine } from '../provider-keys/transit-engine.js';
import type { RevocationWatch } from '../revocation/watch-revocations.js';
import { createCredentialsCheck } from './check-credentials.js';

/** How long a check may take. It is longer than the timeout of any single statement. */
export const checkMilliseconds = 2_500;
const retryMilliseconds = 1_000;

export interface ReadinessChecks {
  readonly db: Database;
  readonly restoreWatch: Pick<RestoreWatch, 'isRestored'>;
  readonly journalWatch: Pick<JournalWatch, 'findProblem'>;
  /** SECRET: contains a password. */
  readonly databaseUrl: string;
  readonly accounting: Pick<Accounting, 'check'>;
  readonly authorizationServer: AuthorizationServer;
  readonly signingKeys: SigningKeys;
  readonly sealingKeysFile: SealingKeysFile;
  readonly transitEngine: TransitEngine | undefined;
  readonly secretFiles: Pick<SecretFiles, 'listUnreadable'>;
  readonly watch: RevocationWatch;
  readonly isUnready: () => boolean;
  readonly now: () => number;
  readonly log: Logger;
}

/**
 * Sets up the checks of everything that a request needs. Runs them again and again until all have passed at the same
 * time, so that a problem is logged even if no probe asks for the server's health.
 */
export function openChecks(readiness: Readiness, checks: ReadinessChecks): void {
  const {
    db,
    restoreWatch,
    journalWatch,
    databaseUrl,
    accounting,
    authorizationServer,
    signingKeys,
    sealingKeysFile,
    transitEngine,
    secretFiles,
    watch,
    isUnready,
    now,
    log,
  } = checks;
  const hasSigningKeys = () => signingKeys.isAvailable;
  readiness.replaceChecks(
    {
      database: () => {
        const problem = restoreWatch.isRestored() ? restoredMessage : journalWatch.findProblem();
        return problem === undefined ? checkDatabase(() => pingDatabase(db)) : failedCheck(problem);
      },
      schema: () => checkDatabase(async () => Promise.all([assertMigrated(db), accounting.check()])),
      keys: async () =>
        (await signingKeys.ensureAvailable())
          ? checkSealingKeys({ sealingKeysFile, transitEngine, secretFiles })
          : failedCheck('the signing keys of the authorization server could not be fetched'),
      authorization_server: createCredentialsCheck({ authorizationServer, hasSigningKeys, now, log }),
    },
    {
      revocations: () =>
        watch.isListening() ? passedCheck : failedCheck('revocation notifications are not being received'),
      accepting: () => (isUnready() ? failedCheck('this server is about to stop') : passedCheck),
    },
  );
  void readUntilReady(readiness, isUnready);
  void warnOfDatabase({ db, databaseUrl, log });
}

async function readUntilReady(readiness: Readiness, isUnready: () => boolean): Promise<void> {
  while (!isUnready() && !(await readiness.runChecks()).isReady)
    await sleep(retryMilliseconds, undefined, { ref: false });
}

function checkSealingKeys({
  sealingKeysFile: file,
  transitEngine: engine,
  secretFiles,
}: Pick<ReadinessChecks, 'sealingKeysFile' | 'transitEngine' | 'secretFiles'>): Finding {
  try {
    file.read();
    const unreadable = secretFiles.listUnreadable();
    // The check passes, because the secrets that were read last stay in use.
    if (unreadable.length > 0) return { ok: true, message: describeUnreadable(unreadable) };
    // The check passes, because many requests need no engine: opened provider keys are in memory for a minute, and the
    // operator's are never sealed.
    if (engine?.problem !== undefined)
      return { ok: true, message: `the transit engine of the sealing keys: ${engine.problem}` };
    return passedCheck;
  } catch {
    // The check passes, because the sealing keys that were read at the start stay in use.
    return { ok: true, message: 'the file of the sealing keys can no longer be read' };
  }
}
