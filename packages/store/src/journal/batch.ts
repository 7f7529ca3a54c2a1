import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { makePrivateKey } from '../audit/private-key.js';
import { type AuditKey, type AuditKeys, deriveJournalSeed } from '../audit/seal-codes.js';

/**
 * The last line of a batch of the journal. The lines before it, back to the previous batch of the file, are its
 * entries.
 */
export interface Batch {
  /** The position of the database when the batch was begun: that of the batch before it, in this file or another. */
  readonly from: bigint;
  /** The position of the database after the batch: a time in microseconds. */
  readonly to: bigint;
  /** How many entries the batch has. */
  readonly entries: number;
  /** SHA-256 of the lines of the entries, each with its line feed, in hexadecimal digits. */
  readonly digest: string;
}

/** What one writer appends to: files or objects that no other writer writes. */
export interface BatchFiles {
  /**
   * Appends a batch. When this returns, the batch survives a power cut.
   * @param entries the lines of the entries, without line feeds, in parts of any size
   * @param finish makes the last line
   * @returns the number of bytes
   * @throws when the batch could not be written; then readers ignore its entries
   */
  readonly append: (
    day: string,
    entries: AsyncIterable<readonly string[]>,
    finish: (written: Pick<Batch, 'entries' | 'digest'>) => string,
  ) => Promise<number>;
  readonly close: () => Promise<void>;
}

/** Signs a batch. @returns its last line, without the line feed */
export function formatBatch(key: AuditKey, batch: Batch): string {
  const text = formatSigned(batch);
  const signature = sign(null, Buffer.from(text), privateKeyOf(key)).toString('base64url');
  return `{"batch":${text},"key":${JSON.stringify(key.id)},"signature":"${signature}"}`;
}

export const isBatchLine = (line: string) => line.startsWith('{"batch":');

/** @returns undefined when the line is not a batch that was signed with one of the audit keys */
export function parseBatch(keys: AuditKeys, line: string): Batch | undefined {
  const { batch, key: id, signature } = parseJson(line);
  const key = keys.find((one) => one.id === id);
  if (key === undefined || batch === undefined || signature === undefined) return undefined;
  const parsed = { from: BigInt(batch.from), to: BigInt(batch.to), entries: batch.entries, digest: batch.digest };
  const isSigned = verify(
    null,
    Buffer.from(formatSigned(parsed)),
    publicKeyOf(key),
    Buffer.from(signature, 'base64url'),
  );
  return isSigned ? parsed : undefined;
}

interface BatchLine {
  readonly batch?: { readonly from: string; readonly to: string; readonly entries: number; readonly digest: string };
  readonly key?: string;
  readonly signature?: string;
}

function parseJson(line: string): BatchLine {
  try {
    const { batch, ...rest } = JSON.parse(line) as BatchLine; // not trusted before its signature is verified
    const isNumber = (text: unknown) => typeof text === 'string' && /^\d{1,18}$/.test(text);
    return batch !== undefined && isNumber(batch.from) && isNumber(batch.to) ? { batch, ...rest } : {};
  } catch {
    return {};
  }
}

function formatSigned({ from, to, entries, digest }: Batch): string {
  return JSON.stringify({ from: String(from), to: String(to), entries, digest });
}

function privateKeyOf(key: AuditKey): KeyObject {
  return makePrivateKey(deriveJournalSeed(key));
}

function publicKeyOf(key: AuditKey): KeyObject {
  return createPublicKey(privateKeyOf(key));
}
