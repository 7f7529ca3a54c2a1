import type { Generated } from 'kysely';
import type { Json } from './columns.js';

/** The tables of the audit log, and the table of counted attempts. */
export interface AuditTables {
  audit_events: {
    id: Generated<bigint>;
    at: Generated<Date>;
    event: string;
    account_id: string | null;
    client_id: string | null;
    grant_id: string | null;
    detail: Json;
  };
  audit_seals: {
    sequence: bigint;
    event_id: bigint;
    at: Date;
    account_digest: string | null;
    account_previous: bigint | null;
    address_digest: string | null;
    content_digest: Buffer;
    key_id: string;
    code: Buffer;
  };
  audit_heads: {
    /** YYYY-MM-DD (UTC) */
    day: string;
    head: string;
  };
  audit_chain: {
    name: string;
    state: Generated<string>;
    key_id: string | null;
    code: Buffer | null;
  };
  refusal_counts: {
    counted_until: Date;
    event: string;
    reason: string;
    account_id: string;
    client_id: string;
    grant_id: string;
    count: bigint;
    first_at: Generated<Date>;
    last_at: Generated<Date>;
    request_id: string;
    address: string | null;
  };
  attempts: {
    key_hash: string;
    count: number;
    window_ends_at: Date;
  };
}
