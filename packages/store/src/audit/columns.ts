import { sql } from 'kysely';

/** A time as a number that is the same in every time zone and release. */
const microseconds = (column: 'e.at' | 's.at') => sql`(extract(epoch from ${sql.ref(column)}) * 1000000)::bigint::text`;

const detail = sql`(case when e.detail ->> 'by' = e.account_id then e.detail - 'by' else e.detail end)`;

/** The columns of `SealedEvent`, of the table `audit_events e`. */
export const eventColumns = sql`
  e.id, ${microseconds('e.at')} as at_microseconds, e.event, e.account_id, e.client_id, e.grant_id,
  (${detail} - 'address')::text as detail, e.detail ->> 'address' as address,
  case when e.detail -> 'address' is not null then ${detail}::text end as detail_with_address,
  coalesce(e.detail ->> 'by' = e.account_id, false) as is_by_account`;

/** The columns of `Seal`, of the table `audit_seals s`. */
export const sealColumns = sql`
  s.sequence, s.event_id, ${microseconds('s.at')} as at_microseconds, s.account_digest, s.account_previous, s.address_digest,
  s.content_digest, s.key_id, s.code`;

/** How long events are kept; null means for ever. The authorization server cannot change this time. */
export const retention = sql`(select keep from expiring_tables() where name = 'audit_events')`;

export function readMicroseconds(text: string): Date {
  return new Date(Number(BigInt(text) / 1_000n));
}
