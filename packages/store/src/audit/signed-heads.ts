import { createPublicKey, type JsonWebKey, type KeyObject, sign, verify } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { type AccountsCommitment, commitToAccounts } from './account-heads.js';
import type { ChainState } from './chain-state.js';
import { makePrivateKey } from './private-key.js';
import { type AuditKey, type AuditKeys, type ChainEnd, deriveHeadSeed } from './seal-codes.js';
import type { ExpectedSeal } from './verify-events.js';

/** The head of the log: its last seal on a day. The code of this seal covers all earlier seals. */
interface HeadClaims {
  readonly sequence: string;
  /** The seal's code, in hexadecimal digits. */
  readonly code: string;
  readonly sealed_until: string | undefined;
  readonly signed_at: string;
  readonly accounts?: AccountsCommitment;
}

/** What a signed head names. */
export interface SignedHead extends ExpectedSeal {
  readonly accounts?: AccountsCommitment;
}

const type = 'aipassport-audit-head';

/**
 * Signs the head of the log and stores it, once a day (UTC). The caller has checked that the chain ends as the state
 * says. The head also covers the chain of each account that had an event since the head before it.
 * @returns the head, as a JWS in its compact form (RFC 7515, Ed25519); undefined when there is one for today already
 */
export async function signDailyHead(
  transaction: Database,
  keys: AuditKeys,
  { last, sealedUntil, removed }: Pick<ChainState, 'last' | 'sealedUntil' | 'removed'>,
): Promise<string | undefined> {
  if (last.sequence === 0n) return undefined;
  const [key] = keys;
  const { rows } = await sql<{ day: string; now: Date }>`
    select day::text, now() as now from (select (now() at time zone 'UTC')::date as day) as today
    where not exists (select from audit_heads h where h.day = today.day)`.execute(transaction);
  const [due] = rows;
  if (due === undefined) return undefined;
  const head = signHead(key, {
    sequence: String(last.sequence),
    code: last.code.toString('hex'),
    sealed_until: sealedUntil?.toISOString(),
    signed_at: due.now.toISOString(),
    accounts: await commitToAccounts(transaction, await findLastHead(transaction, keys, removed), last.sequence),
  });
  await sql`insert into audit_heads (day, head) values (${due.day}::date, ${head})`.execute(transaction);
  return head;
}

/** @returns the seal that the head before names, or the last one that was removed, if that is later */
async function findLastHead(transaction: Database, keys: AuditKeys, removed: ChainEnd): Promise<bigint> {
  const { rows } = await sql<{ head: string }>`select head from audit_heads order by day desc limit 1`.execute(
    transaction,
  );
  const sequence = (rows[0] && readHead(keys, rows[0].head)?.sequence) ?? 0n;
  return sequence > removed.sequence ? sequence : removed.sequence;
}

/** The stored heads, from the oldest to the newest. */
export async function listHeads(db: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ head: string }>`select head from audit_heads order by day`.execute(db);
  return rows.map(({ head }) => head);
}

/** @returns the seal that a signed head names; undefined when the head was not signed with one of the audit keys */
export function readHead(keys: AuditKeys, head: string): SignedHead | undefined {
  const [header = '', payload = '', signature = '', ...rest] = head.split('.');
  if (rest.length > 0) return undefined;
  const signed = Buffer.from(`${header}.${payload}`);
  const isSigned = keys.some((key) => {
    return header === formatHeader(key) && verify(null, signed, publicKeyOf(key), Buffer.from(signature, 'base64url'));
  });
  if (!isSigned) return undefined;
  const { sequence, code, accounts } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as HeadClaims; // we wrote it
  return { sequence: BigInt(sequence), code, ...(accounts && { accounts }) };
}

/** The public keys with which everyone can verify the signatures of heads, as a JWK set (RFC 7517). */
export function exportHeadKeys(keys: AuditKeys): { readonly keys: readonly JsonWebKey[] } {
  return {
    keys: keys.map((key) => ({
      ...publicKeyOf(key).export({ format: 'jwk' }),
      kid: key.id,
      alg: 'EdDSA',
      use: 'sig',
    })),
  };
}

function signHead(key: AuditKey, claims: HeadClaims): string {
  const signed = `${formatHeader(key)}.${encode(claims)}`;
  return `${signed}.${sign(null, Buffer.from(signed), privateKeyOf(key)).toString('base64url')}`;
}

function formatHeader({ id }: AuditKey): string {
  return encode({ alg: 'EdDSA', kid: id, typ: type });
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function privateKeyOf(key: AuditKey): KeyObject {
  return makePrivateKey(deriveHeadSeed(key));
}

function publicKeyOf(key: AuditKey): KeyObject {
  return createPublicKey(privateKeyOf(key));
}
