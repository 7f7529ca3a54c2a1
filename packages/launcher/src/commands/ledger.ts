import {
  type Database,
  dropLedgerBefore,
  verifyLedger as findResidues,
  type LedgerProgress,
  prepareLedger as prepareMonths,
  verifyOperatorSpending,
  verifyUsage,
} from '@aipassport/store';
import { withDatabase } from '../database/with-database.js';
import type { CommandContext } from './context.js';

/** A message is printed at the first step, and then once for this many steps, which take about ten seconds. */
const stepsPerLine = 200;

/**
 * `verify-ledger`: recomputes three things from the ledger, and compares them with what is stored: the counters of
 * every grant, the counters of the operator's keys, and the sums that the pages show. May run while requests are
 * served.
 *
 * @throws Error when a counter disagrees, so that the command fails
 */
export async function verifyLedger({ environment, print }: CommandContext): Promise<void> {
  const residues = await withDatabase(environment, (db) => findResidues(db, createReport('Read', print)));
  for (const { grantId, counter, counted, expected } of residues)
    print(`grant ${grantId}  ${counter} is ${counted}, the ledger says ${expected}`);
  const ofOperator = await withDatabase(environment, verifyOperatorSpending);
  for (const { accountId, counter, counted, expected } of ofOperator)
    print(
      `operator’s keys, ${accountId === undefined ? 'all accounts' : `account ${accountId}`}  ${counter} is ${counted}, the ledger says ${expected}`,
    );
  const ofPages = await withDatabase(environment, verifyUsage);
  for (const { of, counted, expected } of ofPages)
    print(`${of}: the pages show ${counted}, the ledger says ${expected}`);
  const disagreeing = residues.length + ofOperator.length + ofPages.length;
  if (disagreeing > 0) throw new Error(`${disagreeing} counters do not agree with the ledger.`);
  print(
    'Every counter of every grant agrees with the ledger, and so do this month’s counters of the operator’s keys and the sums on the pages.',
  );
}

/**
 * `drop-ledger`: drops old months of the ledger. Their sums are kept for each grant, so that its counters can still be
 * verified.
 */
export async function dropLedger({ environment, print }: CommandContext, day: string): Promise<void> {
  const before = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(before.getTime())) throw new Error(`${day} is not a date; write YYYY-MM-DD.`);
  const dropped = await withDatabase(environment, async (db) => {
    // the default partition may hold rows of months that are to be dropped
    await moveMisplacedRows(db, print);
    return dropLedgerBefore(db, {
      before,
      onProgress: createReport('Added up', print),
      onWaiting: (name) =>
        print(`${name} is being read, by a backup for instance; the command tries again in three seconds.`),
    });
  });
  print(dropped.length === 0 ? 'No month of the ledger ended before that day.' : `Dropped: ${dropped.join(', ')}`);
}

async function moveMisplacedRows(db: Database, print: (line: string) => void): Promise<void> {
  let steps = 0;
  const onStep = () => {
    if (steps++ % stepsPerLine === 0)
      print('Rows that were written while their month had no partition are being moved.');
  };
  const onWaiting = () =>
    print('The ledger is being read, by a backup for instance; the command tries again in three seconds.');
  await prepareMonths(db, { restFactor: 0, onStep, onWaiting });
}

/** Reports the progress in each partition. */
function createReport(done: string, print: (line: string) => void): (progress: LedgerProgress) => void {
  return ({ name, percent }) => print(`${done} ${name}: ${percent} %`);
}
