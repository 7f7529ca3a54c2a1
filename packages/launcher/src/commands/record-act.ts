import { existsSync } from 'node:fs';
import path from 'node:path';
import { type AuditEvent, hasAuditLog, insertAuditEvent } from '@aipassport/store/authorization';
import { withDatabase } from '../database/with-database.js';
import type { CommandContext } from './context.js';

const longestMilliseconds = 5_000;

/**
 * Writes the audit row of a command that changed files. If the database is down, it only prints that the row is
 * missing, because a secret may have to be replaced during an outage. Before the first start there is no database or no
 * audit log, so it does nothing.
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
      async (db) => {
        if (await hasAuditLog(db)) await insertAuditEvent(db, { ...event, detail: { ...event.detail, by: 'command' } });
      },
      { statementTimeoutMilliseconds: longestMilliseconds },
    );
  } catch (error) {
    const { message, code } = error as Partial<NodeJS.ErrnoException>;
    print(
      `The audit log has no entry about this command, because the database refused it or did not answer: ${message || code}.`,
    );
  }
}
