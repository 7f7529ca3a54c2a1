import { writeAuditLog } from '@aipassport/authorization-server/operating';
import { insertAuditEvent } from '@aipassport/store/authorization';
import { withDatabase } from '../database/with-database.js';
import type { CommandContext } from './context.js';

export const exportFormats = ['jsonl', 'csv'] as const;

export interface ExportOptions {
  readonly format: (typeof exportFormats)[number];
  readonly since?: string;
}

/** `audit export`: prints the events of the audit log, each on one line, and records the export in the log itself. */
export async function exportAuditLog(
  { environment, print }: CommandContext,
  { format, since }: ExportOptions,
): Promise<void> {
  const from = since === undefined ? undefined : new Date(since);
  if (from !== undefined && Number.isNaN(from.getTime())) throw new Error(`${since} is not a time; write YYYY-MM-DD.`);
  await withDatabase(environment, async (db) => {
    await insertAuditEvent(db, { event: 'audit_log_exported', detail: { by: 'command' } });
    for await (const line of writeAuditLog(db, { format, since: from })) print(line.trimEnd());
  });
}
