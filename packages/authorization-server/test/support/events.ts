import type { TestServer } from './start-server.js';

/** The kinds of the audit log's events that concern an account or a client, the earliest first. */
export async function listEvents(
  { db }: TestServer,
  of: { readonly accountId: string } | { readonly clientId: string },
): Promise<readonly string[]> {
  const [column, id] =
    'accountId' in of ? (['account_id', of.accountId] as const) : (['client_id', of.clientId] as const);
  const rows = await db.selectFrom('audit_events').select('event').where(column, '=', id).orderBy('id').execute();
  return rows.map(({ event }) => event);
}

/** An event's detail without the request that caused it. */
export function withoutOrigin({ request_id: _id, address: _address, ...detail }: Readonly<Record<string, unknown>>) {
  return detail;
}

/** How often a kind of event is in the list. */
export function countEvents(events: readonly string[], kind: string): number {
  return events.filter((event) => event === kind).length;
}
