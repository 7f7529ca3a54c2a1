import { proxyClientId } from '@aipassport/contracts';
import {
  type Database,
  hashSecret,
  isDatabaseUnavailable,
  type MigrateOptions,
  migrate,
  prepareLedger,
  type Retention,
  setRetention,
} from '@aipassport/store';
import { hasAuditLog, insertAuditEvent, replaceOperatorClient } from '@aipassport/store/authorization';
import type { LauncherEnvironment } from '../environment.js';

/** The client that may introspect tokens, unless `PROXY_CLIENT_ID` names another client. */
export const defaultProxyClientId = proxyClientId.defaultText ?? '';

/** The operator's retention settings. */
export function readRetention(environment: LauncherEnvironment): Retention {
  return {
    auditEvents: environment.AUDIT_RETENTION_DAYS,
    endedGrants: environment.ENDED_GRANTS_RETENTION_DAYS,
    unusedClients: environment.UNUSED_CLIENTS_RETENTION_DAYS,
  };
}

export interface Preparation {
  /** undefined: the default */
  readonly proxyClientId?: string;
  /** SECRET: only its hash is stored. */
  readonly proxySecret: string;
  /** undefined: the database's value is kept. */
  readonly retention?: Retention;
}

/**
 * Brings the schema up to date, creates the ledger's partitions, stores the retention settings, and registers the proxy
 * with the authorization server under its current secret. An earlier secret of the proxy works for another hour.
 *
 * @returns the names of the migrations that were applied
 * @throws the errors of `migrate`
 */
export async function prepareDatabase(
  db: Database,
  { proxyClientId: id = defaultProxyClientId, proxySecret, retention }: Preparation,
  options: MigrateOptions = {},
): Promise<readonly string[]> {
  const applied = await migrate(db, { ...options, onApplied: recordMigrations });
  if (retention !== undefined) await setRetention(db, retention);
  await prepareMonths(db);
  const client = {
    id,
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
  };
  await replaceOperatorClient(db, client, { overlapSeconds: secretOverlapSeconds });
  return applied;
}

/**
 * Writes the audit row of the migrations of one transaction, in that transaction. The first migration creates the audit
 * log.
 */
export async function recordMigrations(transaction: Database, names: readonly string[]): Promise<void> {
  if (!(await hasAuditLog(transaction))) return;
  const detail = { by: 'command', migrations: names.join(' ') };
  await insertAuditEvent(transaction, { event: 'database_migrated', detail });
}

/** The time for which a proxy that does not have the new secret yet may use the earlier secret. */
const secretOverlapSeconds = 3_600;
const longestMilliseconds = 5_000;

/**
 * Creates the ledger's partitions of this month and the next three. This is slow if rows have to be moved or if a
 * backup holds a lock. After five seconds it stops without an error, because the servers finish this work.
 */
async function prepareMonths(db: Database): Promise<void> {
  const signal = AbortSignal.timeout(longestMilliseconds);
  try {
    await prepareLedger(db, { signal, restFactor: 0 });
  } catch (error) {
    if (!signal.aborted && !isDatabaseUnavailable(error)) throw error;
  }
}
