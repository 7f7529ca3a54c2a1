import { readFileSync } from 'node:fs';
import {
  type AccountHead,
  type AuditKeys,
  exportHeadKeys,
  listHeads,
  proveAccountHeads,
  readAccountHead,
  readHead,
  type SignedHead,
} from '@aipassport/store';
import { withDatabase } from '../database/with-database.js';
import { readAuditKeys } from './audit-keys.js';
import type { CommandContext } from './context.js';
import { findAccountId } from './find-account-id.js';

export interface HeadsOptions {
  /** The email address of the account whose heads are printed. Undefined: the heads of the whole log are printed. */
  readonly account?: string | undefined;
}

/** `audit heads`: prints the signed head of each day, one per line. */
export async function printHeads({ environment, print }: CommandContext, { account }: HeadsOptions): Promise<void> {
  const lines = await withDatabase(environment, async (db) =>
    account === undefined
      ? listHeads(db)
      : proveAccountHeads(db, readAuditKeys(environment), await findAccountId(db, account)),
  );
  for (const line of lines) print(line);
}

/** `audit public-keys`: prints the keys with which anyone can verify a head. Needs no database. */
export function printHeadKeys({ environment, print }: CommandContext): void {
  print(JSON.stringify(exportHeadKeys(readAuditKeys(environment)), undefined, 2));
}

/**
 * Reads a file with lines of `audit heads`, also those of an account.
 * @throws Error when it has no head, or a line that was not signed with one of the audit keys
 */
export function readHeads(keys: AuditKeys, file: string): readonly (AccountHead | SignedHead)[] {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (lines.length === 0) throw new Error(`${file} has no head; \`aipassport audit heads\` prints them.`);
  return lines.map((line, index) => {
    const head = line.startsWith('{') ? readAccountHead(keys, line) : readHead(keys, line);
    if (head === undefined)
      throw new Error(
        `Head ${index + 1} in ${file} was not signed with a key of the file of audit keys, or was changed.`,
      );
    return head;
  });
}
