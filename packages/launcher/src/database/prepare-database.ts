import {
  type Database,
  hashSecret,
  isDatabaseUnavailable,
  migrate,
  type MigrateOptions,
  prepareLedger,
  type Retention,
  setRetention,
} from '@aipassport/store';
import { upsertClient } from '@aipassport/store/authorization';
import type { LauncherEnvironment } from '../environment.js';

/** The one client that may ask about tokens. */
export const proxyClientId = 'resource-proxy';

/** How long an operator wants things kept. */
export function readRetention(environment: LauncherEnvironment): Retention {
  return {
    auditEvents: environment.AUDIT_RETENTION_DAYS,
    endedGrants: environment.ENDED_GRANTS_RETENTION_DAYS,
    unusedClients: environment.UNUSED_CLIENTS_RETENTION_DAYS,
  };
}

export interface Preparation {
  /** SECRET: only its hash is stored. */
  readonly proxySecret: string;
  /** undefined: as it is in the database. */
  readonly retention?: Retention;
}

/**
 * Brings the schema up to date, makes the months of the ledger, says how long things are kept, and makes the proxy known
 * to the authorization server under its present secret.
 *
 * @returns the names of the migrations that were applied
 * @throws what `migrate` throws
 */
export async function prepareDatabase(
  db: Database,
  { proxySecret, retention }: Preparation,
  options: MigrateOptions = {},
): Promise<readonly string[]> {
  const applied = await migrate(db, options);
  if (retention !== undefined) await setRetention(db, retention);
  await prepareMonths(db);
  await upsertClient(db, {
    id: proxyClientId,
    name: 'Resource proxy',
    metadata: {
      client_name: 'Resource proxy',
      redirect_uris: [],
      response_types: [],
      grant_types: [],
      token_endpoint_auth_method: 'client_secret_basic',
    },
    secretHash: hashSecret(proxySecret),
    webOrigins: [],
    registeredBy: 'operator',
  });
  return applied;
}

const longestMilliseconds = 5_000;

/**
 * The servers go on with it: rows that have to be moved, or a lock that is not free because of a backup, are no reason to
 * make a start wait or fail.
 */
async function prepareMonths(db: Database): Promise<void> {
  const signal = AbortSignal.timeout(longestMilliseconds);
  try {
    await prepareLedger(db, { signal, restFactor: 0 });
  } catch (error) {
    if (!signal.aborted && !isDatabaseUnavailable(error)) throw error;
  }
}
