import { createHmac } from 'node:crypto';

/** SECRET: never logged. The audit key that seals the events of the audit log. It is not in the database. */
export interface AuditKey {
  /** Names the audit key and reveals nothing about it. */
  readonly id: string;
  readonly secret: string;
}

/** The first audit key seals. All of them verify. */
export type AuditKeys = readonly [AuditKey, ...AuditKey[]];

export function nameAuditKey(secret: string): AuditKey {
  return { id: code(secret, ['name']).toString('hex').slice(0, 16), secret };
}

/** An event, as it is sealed. Each value is a text that every server and every release writes in the same way. */
export interface SealedEvent {
  readonly id: bigint;
  readonly at_microseconds: string;
  readonly event: string;
  readonly account_id: string | null;
  readonly client_id: string | null;
  readonly grant_id: string | null;
  /** Without `by` if that is the event's account, because its id is replaced when the account is deleted. */
  readonly detail: string;
  readonly is_by_account: boolean;
}

export interface Seal {
  /** The place in the chain: 1, 2, 3, … */
  readonly sequence: bigint;
  readonly event_id: bigint;
  readonly at_microseconds: string;
  readonly account_digest: string | null;
  readonly content_digest: Buffer;
  readonly key_id: string;
  readonly code: Buffer;
}

/** The end of a chain: the place of its last seal, and that seal's code. */
export interface ChainEnd {
  readonly sequence: bigint;
  readonly code: Buffer;
}

export const emptyChain: ChainEnd = { sequence: 0n, code: Buffer.alloc(0) };

/** Makes the next seal of a chain. */
export function makeSeal(key: AuditKey, last: ChainEnd, event: SealedEvent): Seal {
  const seal = {
    sequence: last.sequence + 1n,
    event_id: event.id,
    at_microseconds: event.at_microseconds,
    account_digest: digestAccount(key, event.account_id),
    content_digest: digestContent(key, event),
    key_id: key.id,
  };
  return { ...seal, code: codeSeal(key, last, seal) };
}

/** The code of a seal. It also covers the code of the seal before it. */
export function codeSeal(key: AuditKey, last: ChainEnd, seal: Omit<Seal, 'code'>): Buffer {
  return code(key.secret, [
    'seal',
    last.code.toString('hex'),
    String(seal.sequence),
    String(seal.event_id),
    seal.at_microseconds,
    seal.account_digest,
    seal.content_digest.toString('hex'),
  ]);
}

/** The digest of everything about an event except its account, whose id may be replaced. */
export function digestContent(key: AuditKey, event: SealedEvent): Buffer {
  return code(key.secret, [
    'content',
    String(event.id),
    event.at_microseconds,
    event.event,
    event.client_id,
    event.grant_id,
    event.detail,
    String(event.is_by_account),
  ]);
}

/**
 * The digest of an account id: 16 bytes. It is shorter than a code, because one is stored for each event. It is still
 * long enough: a second account id with the same digest cannot be found.
 */
export function digestAccount(key: AuditKey, accountId: string | null): string | null {
  return accountId === null ? null : code(key.secret, ['account', accountId]).toString('hex').slice(0, 32);
}

/** The code of the row that says how far the log is sealed. */
export function codeState(key: AuditKey, state: string): Buffer {
  return code(key.secret, ['state', state]);
}

function code(secret: string, parts: readonly (string | null)[]): Buffer {
  return createHmac('sha256', secret).update(JSON.stringify(parts)).digest();
}
