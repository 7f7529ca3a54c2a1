import type { Database } from '../database/open-database.js';
import { type AccountHead, listAccountHeads, writeLeaf } from './account-heads.js';
import { AuditLogChanged } from './chain-state.js';
import { hashProof, hashTree, type ProofStep, proveLeaf } from './merkle-tree.js';
import { type AuditKeys, digestAccount } from './seal-codes.js';
import { listHeads, readHead } from './signed-heads.js';
import { readState } from './verify-events.js';

/**
 * Proves the chain of one account: a line for each day with an event of the account. Each line has the account's head of
 * that day and the proof that the signed head of the day covers it.
 * @throws AuditLogChanged when the seals are not those that a head covers
 */
export async function proveAccountHeads(db: Database, keys: AuditKeys, accountId: string): Promise<readonly string[]> {
  const state = await readState(db, keys);
  if (state instanceof AuditLogChanged) throw state;
  const digests = keys.map((key) => digestAccount(key, accountId));
  const lines: string[] = [];
  for (const head of await listHeads(db)) {
    const { accounts } = readHead(keys, head) ?? {};
    // the seals of this day were removed with their events
    if (accounts === undefined || BigInt(accounts.since) < (state?.removed.sequence ?? 0n)) continue;
    lines.push(...(await proveOn(db, { keys, head, digests })));
  }
  return lines;
}

async function proveOn(
  db: Database,
  day: { readonly keys: AuditKeys; readonly head: string; readonly digests: readonly (string | null)[] },
): Promise<readonly string[]> {
  const signed = readHead(day.keys, day.head);
  if (signed?.accounts === undefined) return [];
  const heads = await listAccountHeads(db, BigInt(signed.accounts.since), signed.sequence);
  const leaves = heads.map(writeLeaf);
  if (hashTree(leaves) !== signed.accounts.root)
    throw new AuditLogChanged(`The seals up to ${signed.sequence} are not those that the head of that day covers.`);
  return heads.flatMap((each, index) => {
    if (!day.digests.includes(each.account)) return [];
    const { account, sequence, code } = each;
    const proof = proveLeaf(leaves, index);
    return [JSON.stringify({ account, sequence: String(sequence), code, proof, head: day.head })];
  });
}

/** @returns the head of an account that a line of `proveAccountHeads` proves; undefined when it proves nothing */
export function readAccountHead(keys: AuditKeys, line: string): AccountHead | undefined {
  let claims: Readonly<Record<string, unknown>>;
  try {
    claims = JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
  const { account, sequence, code, proof, head } = claims;
  if (typeof account !== 'string' || typeof code !== 'string' || typeof head !== 'string') return undefined;
  if (typeof sequence !== 'string' || !/^\d{1,18}$/.test(sequence) || !isProof(proof)) return undefined;
  const found = { account, sequence: BigInt(sequence), code };
  const signed = readHead(keys, head);
  return signed?.accounts !== undefined && hashProof(writeLeaf(found), proof) === signed.accounts.root
    ? found
    : undefined;
}

function isProof(value: unknown): value is readonly ProofStep[] {
  return (
    Array.isArray(value) &&
    value.every((step: unknown) => {
      if (typeof step !== 'object' || step === null) return false;
      const { side, root } = step as Record<string, unknown>;
      return (side === 'left' || side === 'right') && typeof root === 'string' && /^[0-9a-f]{64}$/.test(root);
    })
  );
}
