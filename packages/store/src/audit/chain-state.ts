import { timingSafeEqual } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import type { EventProgress } from './event-progress.js';
import { type AuditKey, type AuditKeys, type ChainEnd, codeState, emptyChain } from './seal-codes.js';

/** How far the audit log is sealed. */
export interface ChainState extends EventProgress {
  readonly last: ChainEnd;
  /** The time of the last sealed event; undefined when there is none. */
  readonly sealedUntil: Date | undefined;
  /** When the first seal of the chain was made. */
  readonly begunAt: Date;
  /** The last seal that was removed because its event's time of retention had ended. */
  readonly removed: ChainEnd;
  /** The time of that event. */
  readonly removedUntil: Date | undefined;
}

/** Thrown when the seals, or the record of how far the log is sealed, are not as the servers wrote them. */
export class AuditLogChanged extends Error {
  override readonly name = 'AuditLogChanged';
}

export const recordMissing = 'The record of how far the log is sealed is missing.';

export interface StoredState {
  readonly state: string;
  readonly key_id: string | null;
  readonly code: Buffer | null;
}

/**
 * @returns undefined when nothing is sealed yet
 * @throws AuditLogChanged when the state was not written with one of the audit keys
 */
export function parseState(keys: AuditKeys, stored: StoredState): ChainState | undefined {
  if (stored.state === '' && stored.code === null) return undefined;
  const key = keys.find(({ id }) => id === stored.key_id);
  if (key === undefined)
    throw new AuditLogChanged(
      `The log was last sealed with the key ${stored.key_id}, which is not in the file of keys.`,
    );
  if (!isSame(stored.code, codeState(key, stored.state)))
    throw new AuditLogChanged('The record of how far the log is sealed was changed.');
  const json = JSON.parse(stored.state) as Readonly<Record<keyof typeof format, string>> & { pending: string[] };
  return {
    last: { sequence: BigInt(json.sequence), code: Buffer.from(json.code, 'hex') },
    sealedUntil: readTime(json.sealedUntil),
    begunAt: new Date(json.begunAt),
    completeTo: BigInt(json.completeTo),
    pendingTo: BigInt(json.pendingTo),
    pending: json.pending,
    removed: { sequence: BigInt(json.removed), code: Buffer.from(json.removedCode, 'hex') },
    removedUntil: readTime(json.removedUntil),
  };
}

/** How each member of the stored JSON is written, except `pending`. */
const format = {
  sequence: (state: ChainState) => String(state.last.sequence),
  code: (state: ChainState) => state.last.code.toString('hex'),
  sealedUntil: (state: ChainState) => state.sealedUntil?.toISOString() ?? '',
  begunAt: (state: ChainState) => state.begunAt.toISOString(),
  completeTo: (state: ChainState) => String(state.completeTo),
  pendingTo: (state: ChainState) => String(state.pendingTo),
  removed: (state: ChainState) => String(state.removed.sequence),
  removedCode: (state: ChainState) => state.removed.code.toString('hex'),
  removedUntil: (state: ChainState) => state.removedUntil?.toISOString() ?? '',
};

export function beginState(now: Date): ChainState {
  return {
    last: emptyChain,
    sealedUntil: undefined,
    begunAt: now,
    completeTo: 0n,
    pendingTo: 0n,
    pending: [],
    removed: emptyChain,
    removedUntil: undefined,
  };
}

export async function writeState(db: Database, key: AuditKey, state: ChainState): Promise<void> {
  const members = Object.entries(format).map(([name, write]) => [name, write(state)]);
  const text = JSON.stringify({ ...Object.fromEntries(members), pending: state.pending });
  await sql`update audit_chain set state = ${text}, key_id = ${key.id}, code = ${codeState(key, text)}
    where state <> ${text} or key_id <> ${key.id} or key_id is null`.execute(db);
}

export function isSame(stored: Buffer | null, expected: Buffer): boolean {
  return stored !== null && stored.length === expected.length && timingSafeEqual(stored, expected);
}

function readTime(text: string): Date | undefined {
  return text === '' ? undefined : new Date(text);
}
