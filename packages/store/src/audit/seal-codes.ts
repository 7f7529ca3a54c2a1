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

/** An event, as it is sealed. Every server and every release writes each value as the same text. */
export interface SealedEvent {
  readonly id: bigint;
  readonly at_microseconds: string;
  readonly event: string;
  readonly account_id: string | null;
  readonly client_id: string | null;
  readonly grant_id: string | null;
  /**
   * The detail without the IP address, and without `by` if `by` is the event's account. When the account is deleted,
   * its id is replaced and the address is removed.
   */
  readonly detail: string;
  readonly address: string | null;
  /** `detail` with the IP address, as earlier releases sealed it; null when there is no address. */
  readonly detail_with_address: string | null;
  readonly is_by_account: boolean;
}

export interface Seal {
  /** The place in the chain: 1, 2, 3, … */
  readonly sequence: bigint;
  readonly event_id: bigint;
  readonly at_microseconds: string;
  readonly account_digest: string | null;
  /**
   * The place of the seal before this one in the chain of the account; 0 when there is none. Null: the event has no
   * account, or an earlier release sealed it.
   */
  readonly account_previous: bigint | null;
  /** Null: the event has no IP address, or an earlier release sealed it. */
  readonly address_digest: string | null;
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

/** Maps the digest of an account to the place of the last seal of its chain. */
export type AccountEnds = Map<string, bigint>;

/** Makes the next seal of the chain of the log and, if the event has an account, of the chain of that account. */
export function makeSeal(
  key: AuditKey,
  { last, accountEnds }: { readonly last: ChainEnd; readonly accountEnds: AccountEnds },
  event: SealedEvent,
): Seal {
  const accountDigest = digestAccount(key, event.account_id);
  const seal = {
    sequence: last.sequence + 1n,
    event_id: event.id,
    at_microseconds: event.at_microseconds,
    account_digest: accountDigest,
    account_previous: accountDigest === null ? null : (accountEnds.get(accountDigest) ?? 0n),
    address_digest: digestIpAddress(key, event),
    content_digest: digestContent(key, event),
    key_id: key.id,
  };
  if (accountDigest !== null) accountEnds.set(accountDigest, seal.sequence);
  return { ...seal, code: codeSeal(key, last, seal) };
}

/** The code of a seal. It also covers the code of the seal before it, and so, indirectly, all earlier seals. */
export function codeSeal(key: AuditKey, last: ChainEnd, seal: Omit<Seal, 'code'>): Buffer {
  return code(key.secret, [
    'seal',
    last.code.toString('hex'),
    String(seal.sequence),
    String(seal.event_id),
    seal.at_microseconds,
    seal.account_digest,
    seal.content_digest.toString('hex'),
    ...(seal.account_previous === null ? [] : [`account ${seal.account_previous}`]),
    ...(seal.address_digest === null ? [] : [`address ${seal.address_digest}`]),
  ]);
}

/** The digest of everything about an event except its account, whose id may be replaced, and the IP address. */
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

/** The digest of the IP address of an event, or null. Two events with one address have different digests. */
export function digestIpAddress(key: AuditKey, { id, address }: Pick<SealedEvent, 'id' | 'address'>): string | null {
  return address === null
    ? null
    : code(key.secret, ['address', String(id), address])
        .toString('hex')
        .slice(0, 32);
}

/** The code of the row that says how far the log is sealed. */
export function codeState(key: AuditKey, state: string): Buffer {
  return code(key.secret, ['state', state]);
}

/** SECRET: the seed of the key that signs the heads of the log (Ed25519, RFC 8032 section 5.1.5): 32 bytes. */
export function deriveHeadSeed(key: AuditKey): Buffer {
  return code(key.secret, ['head_key']);
}

/** SECRET: the seed of the key that signs the journal (Ed25519): 32 bytes. */
export function deriveJournalSeed(key: AuditKey): Buffer {
  return code(key.secret, ['journal_key']);
}

function code(secret: string, parts: readonly (string | null)[]): Buffer {
  return createHmac('sha256', secret).update(JSON.stringify(parts)).digest();
}
