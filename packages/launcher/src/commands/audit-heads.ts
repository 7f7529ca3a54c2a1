import { readFileSync } from 'node:fs';
import { type AuditKeys, type ExpectedSeal, exportHeadKeys, listHeads, readHead } from '@aipassport/store';
import { withDatabase } from '../database/with-database.js';
import { readAuditKeys } from './audit-keys.js';
import type { CommandContext } from './context.js';

/** `audit heads`: prints the signed head of each day, one a line. */
export async function printHeads({ environment, print }: CommandContext): Promise<void> {
  for (const head of await withDatabase(environment, listHeads)) print(head);
}

/** `audit public-keys`: prints the keys with which everyone can verify a head. Needs no database. */
export function printHeadKeys({ environment, print }: CommandContext): void {
  print(JSON.stringify(exportHeadKeys(readAuditKeys(environment)), undefined, 2));
}

/**
 * Reads a file with lines of `audit heads`.
 * @throws Error when it has no head, or a line that was not signed with one of the audit keys
 */
export function readHeads(keys: AuditKeys, file: string): readonly ExpectedSeal[] {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (lines.length === 0) throw new Error(`${file} has no head; \`aipassport audit heads\` prints them.`);
  return lines.map((line, index) => {
    const head = readHead(keys, line);
    if (head === undefined)
      throw new Error(
        `Head ${index + 1} in ${file} was not signed with a key of the file of audit keys, or was changed.`,
      );
    return head;
  });
}
