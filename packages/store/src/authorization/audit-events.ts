import type { Database } from '../database/open-database.js';

export interface AuditEvent {
  /** A stable word, for instance `signed_in`. */
  readonly event: string;
  readonly accountId?: string;
  readonly clientId?: string;
  readonly grantId?: string;
  /** Never a secret. */
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}

export async function insertAuditEvent(db: Database, event: AuditEvent): Promise<void> {
  await db
    .insertInto('audit_events')
    .values({
      event: event.event,
      account_id: event.accountId ?? null,
      client_id: event.clientId ?? null,
      grant_id: event.grantId ?? null,
      detail: JSON.stringify(event.detail ?? {}),
    })
    .execute();
}
