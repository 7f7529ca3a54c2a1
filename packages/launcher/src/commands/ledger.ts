import { dropLedgerBefore, verifyLedger as findResidues, verifyOperatorSpending } from '@aipassport/store';
import { withDatabase } from '../database/with-database.js';
import type { CommandContext } from './context.js';

/**
 * `verify-ledger`: recomputes every grant's counters, and those of the operator's keys, from the ledger. May run while requests are served.
 * @throws Error when anything does not agree, so that the command fails
 */
export async function verifyLedger({ environment, print }: CommandContext): Promise<void> {
  const residues = await withDatabase(environment, findResidues);
  for (const { grantId, counter, counted, expected } of residues)
    print(`grant ${grantId}  ${counter} is ${counted}, the ledger says ${expected}`);
  const ofOperator = await withDatabase(environment, verifyOperatorSpending);
  for (const { accountId, counter, counted, expected } of ofOperator)
    print(
      `operator’s keys, ${accountId === undefined ? 'all accounts' : `account ${accountId}`}  ${counter} is ${counted}, the ledger says ${expected}`,
    );
  const disagreeing = residues.length + ofOperator.length;
  if (disagreeing > 0) throw new Error(`${disagreeing} counters do not agree with the ledger.`);
  print('Every counter of every grant agrees with the ledger.');
}

/** `drop-ledger`: what the dropped months add up to is kept for each grant, so that its counters stay verifiable. */
export async function dropLedger({ environment, print }: CommandContext, before: string): Promise<void> {
  const instant = new Date(`${before}T00:00:00Z`);
  if (Number.isNaN(instant.getTime())) throw new Error(`${before} is no day; write YYYY-MM-DD.`);
  const dropped = await withDatabase(environment, (db) => dropLedgerBefore(db, instant));
  print(dropped.length === 0 ? 'No month of the ledger ended before that day.' : `Dropped: ${dropped.join(', ')}`);
}
