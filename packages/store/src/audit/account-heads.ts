import { sql } from 'kysely';
import type { Database } from '../database/open-database.js';
import { hashTree } from './merkle-tree.js';

/** What a head says about the chains of the accounts. Heads of earlier releases say nothing. */
export interface AccountsCommitment {
  /** The seal that the head before this one names, or the last seal that was removed, if that is later. */
  readonly since: string;
  /** The number of accounts with a later seal. */
  readonly count: number;
  /** The root of a Merkle tree over the heads of these accounts, sorted by their digests, in hexadecimal digits. */
  readonly root: string;
}

/** The end of the chain of one account: its last seal on a day. */
export interface AccountHead {
  /** The keyed digest of the account: it does not reveal the account. */
  readonly account: string;
  readonly sequence: bigint;
  /** The seal's code, in hexadecimal digits. */
  readonly code: string;
}

const pageSize = 10_000;

/**
 * Reads the head of each account that has a seal after `since` and up to `last`, sorted by the account's digest. It reads
 * the seals in pages, because one statement over the seals of a busy day could take longer than a statement may.
 */
export async function listAccountHeads(db: Database, since: bigint, last: bigint): Promise<readonly AccountHead[]> {
  const heads = new Map<string, AccountHead>();
  for (let after = since; after < last; after += BigInt(pageSize)) {
    const { rows } = await sql<{ account: string; sequence: bigint; code: Buffer }>`
      select account_digest as account, sequence, code from audit_seals
      where sequence > ${after} and sequence <= ${after + BigInt(pageSize)} and sequence <= ${last}
        and account_digest is not null
      order by sequence`.execute(db);
    for (const { code, ...seal } of rows) heads.set(seal.account, { ...seal, code: code.toString('hex') });
  }
  return [...heads.values()].toSorted((one, other) => (one.account < other.account ? -1 : 1));
}

/** Commits to the head of each account with an event since the seal `since`. All heads together cover all accounts. */
export async function commitToAccounts(db: Database, since: bigint, last: bigint): Promise<AccountsCommitment> {
  const heads = await listAccountHeads(db, since, last);
  return { since: String(since), count: heads.length, root: hashTree(heads.map(writeLeaf)) };
}

/**
 * Finds a signed head whose account heads do not match the stored seals any more. Skips heads whose seals the cleaning
 * has removed.
 */
export async function findChangedHeads(
  db: Database,
  heads: readonly { readonly sequence: bigint; readonly accounts?: AccountsCommitment }[],
  removed: bigint,
): Promise<{ readonly since: bigint; readonly sequence: bigint } | undefined> {
  for (const { accounts, sequence } of heads) {
    if (accounts === undefined || BigInt(accounts.since) < removed) continue;
    const since = BigInt(accounts.since);
    const { root } = await commitToAccounts(db, since, sequence);
    if (root !== accounts.root) return { since, sequence };
  }
  return undefined;
}

/** How an account's head is written in the tree. */
export function writeLeaf({ account, sequence, code }: AccountHead): string {
  return JSON.stringify([account, String(sequence), code]);
}
