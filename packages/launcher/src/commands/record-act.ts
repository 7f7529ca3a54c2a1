import { existsSync } from 'node:fs';
import path from 'node:path';
import { type AuditEvent, insertAuditEvent } from '@aipassport/store/authorization';
import { withDatabase } from '../database/with-database.js';
import type { CommandContext } from './context.js';

const longestMilliseconds = 5_000;

/**
 * Writes the audit row of a command that changed files. A key may have to be replaced while the database is down, so the
 * command then only says that the row is missing. Before the first start there is no database, and nothing to say.
 */
export async function recordAct(
  { environment, print }: Pick<CommandContext, 'environment' | 'print'>,
  event: Pick<AuditEvent, 'event' | 'detail'>,
): Promise<void> {
  const { DATABASE_URL: url, AIPASSPORT_DATA: data } = environment;
  if (url === undefined && !existsSync(path.join(data, 'postgres'))) return;
  try {
    await withDatabase(
      environment,
      (db) => insertAuditEvent(db, { ...event, detail: { ...event.detail, by: 'command' } }),
      { statementTimeoutMilliseconds: longestMilliseconds },
    );
  } catch (error) {
    const { message, code } = error as Partial<NodeJS.ErrnoException>;
    print(`This is not in the audit log, since the database refused or did not answer: ${message || code}.`);
  }
}
