import type { Database } from '@aipassport/store';
import { type AuditEvent, insertAuditEvent } from '@aipassport/store/authorization';
import { withDatabase } from '../database/with-database.js';
import type { CommandContext } from './context.js';

/** What a command reads about people. */
interface RecordedRead extends Pick<AuditEvent, 'clientId'> {
  readonly what: 'accounts' | 'invitations' | 'clients' | 'client' | 'usage';
}

/**
 * Reads data of people, and writes the audit row.
 * @throws when the row cannot be written, so that the data is not shown without it
 */
export function readRecorded<T>(
  { environment }: Pick<CommandContext, 'environment'>,
  { what, ...subject }: RecordedRead,
  read: (db: Database) => Promise<T>,
): Promise<T> {
  return withDatabase(environment, async (db) => {
    const found = await read(db);
    await insertAuditEvent(db, { event: 'data_read', ...subject, detail: { by: 'command', read: what } });
    return found;
  });
}
