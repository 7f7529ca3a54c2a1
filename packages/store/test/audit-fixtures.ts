import { type AuditKeys, type ChainEnd, type Database, nameAuditKey, sealEvents } from '../src/index.js';
import type { TestDatabase } from '../src/testing.js';

export const keys: AuditKeys = [nameAuditKey('a-key-that-seals-the-audit-log-0123456789')];
export const newKeys: AuditKeys = [nameAuditKey('a-newer-key-that-seals-the-audit-log-0123'), ...keys];

/** Seals every event that is there. @param seen the end of the chain as the server last saw it */
export async function sealAll(db: Database, sealingKeys = keys, seen?: ChainEnd): Promise<ChainEnd> {
  for (;;) {
    const step = await sealEvents(db, { keys: sealingKeys, seen });
    if (step === undefined) throw new Error('another server is sealing');
    if (!step.hasMore) return step.last;
  }
}

/**
 * Adds events and seals the log twice. Only after the second time does the state of the chain say that all events up to
 * the newest one are sealed.
 */
export async function addEvents({ db, query }: TestDatabase, count: number): Promise<ChainEnd> {
  await query(
    `insert into audit_events (event, account_id, client_id, grant_id, detail)
     select 'signed_in', 'account-' || n % 3, 'client-' || n, 'grant-' || n, jsonb_build_object('number', n)
     from generate_series(1, $1::integer) as n`,
    [count],
  );
  await sealAll(db);
  return sealAll(db);
}
