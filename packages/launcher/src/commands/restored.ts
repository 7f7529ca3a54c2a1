import { formatUsd } from '@aipassport/policy';
import {
  type Database,
  JournalUnusable,
  type ReplayedAccount,
  type ReplayReport,
  readFirstNeededDay,
  replayJournal,
} from '@aipassport/store';
import { endRestoredAccess, findAccountByEmail } from '@aipassport/store/authorization';
import { withDatabase } from '../database/with-database.js';
import { readAuditKeys } from './audit-keys.js';
import type { CommandContext } from './context.js';
import { withDownloadedJournal } from './downloaded-journal.js';
import { readProxyClientId } from './read-proxy-client-id.js';

export interface RestoreOptions {
  /** The directories of the journal. */
  readonly journal?: readonly string[];
  /** Whether the journal is in the bucket of the settings. */
  readonly journalBucket?: true;
  readonly dryRun?: true;
  readonly endAllAccess?: true;
  /** The e-mail addresses of the accounts whose overall limit keeps the spending that is in the backup. */
  readonly keepSpending?: readonly string[];
}

/** `restored`: makes a restored database safe, with the journal or without one. */
export async function recoverFromRestore(context: CommandContext, options: RestoreOptions): Promise<void> {
  const { journal, journalBucket, dryRun, endAllAccess, keepSpending = [] } = options;
  if ([journal, journalBucket, endAllAccess].filter((choice) => choice !== undefined).length !== 1)
    throw new Error('Choose one of --journal <directory>, --journal-bucket and --end-all-access.');
  if (endAllAccess) {
    if (dryRun) throw new Error('--dry-run needs --journal or --journal-bucket.');
    return endAccess(context, keepSpending);
  }
  if (keepSpending.length > 0) throw new Error('--keep-spending needs --end-all-access.');
  if (journal !== undefined) return replay(context, journal, dryRun === true);
  return replayFromBucket(context, dryRun === true);
}

/**
 * Copies only the days that the restored database lacks. If these do not suffice, as when the clock was set back by
 * more than a day, copies everything.
 */
async function replayFromBucket(context: CommandContext, isDryRun: boolean): Promise<void> {
  const use = (directory: string) => replay(context, [directory], isDryRun);
  const since = await withDatabase(context.environment, readFirstNeededDay);
  try {
    await withDownloadedJournal(context, since, use);
  } catch (error) {
    if (since === undefined || !(error instanceof Error && error.cause instanceof JournalUnusable)) throw error;
    await withDownloadedJournal(context, undefined, use);
  }
}

/** Replays the journal: ends the access that ended since the backup, and counts the requests made since then. */
async function replay(
  { environment, variables, print }: CommandContext,
  directories: readonly string[],
  isDryRun: boolean,
): Promise<void> {
  const keys = readAuditKeys(environment);
  const work = (db: Database) => replayJournal(db, { directories, keys, isDryRun });
  const report = await withDatabase(environment, work).catch((error: unknown) => {
    if (!(error instanceof JournalUnusable)) throw error;
    throw new Error(`${error.message} Nothing was changed. Without a journal, there is only --end-all-access.`, {
      cause: error,
    });
  });
  if (isDryRun) print('Nothing was changed. Without --dry-run, this would be the result:');
  print(`Backup: ${report.from}. End of the journal: ${report.to}. ${report.batches} batches.`);
  for (const account of report.accounts) print(describeAccount(account));
  print(`${report.grantsWithUnknownUse} of the grants ended because they were used when the journal ended.`);
  print('All sessions, links, unused invitations and admin scopes ended.');
  for (const line of listTasks(report, readProxyClientId(variables))) print(line);
  print('Start the servers. See “After a restore” in docs/operations.md.');
}

/** What people have to do, because the journal has no secrets. */
export function listTasks(
  { accounts, endedSecrets }: Pick<ReplayReport, 'accounts' | 'endedSecrets'>,
  proxyId: string,
): readonly string[] {
  const changed = accounts.filter(({ hasOldSignIn }) => hasOldSignIn).map(({ email }) => email);
  const keys = accounts.flatMap(({ email, endedApiKeys }) => endedApiKeys.map((upstream) => `${email} (${upstream})`));
  const clients = endedSecrets.filter((id) => id !== proxyId);
  const tasks = {
    'Sign-in as in the backup, although it was changed since then. Ask these people to change it again': changed,
    'API keys that were deleted or replaced since then, and are gone. Their owners enter them again': keys,
    'Clients whose secret was replaced since then, so that no secret works. Give them new ones': clients,
  };
  const lines = Object.entries(tasks).map(([task, names]) => (names.length > 0 ? `${task}: ${names.join(', ')}.` : ''));
  const proxies = endedSecrets.includes(proxyId)
    ? 'The secret of the resource proxies was replaced since then. Run `aipassport init` before you start them.'
    : '';
  return [...lines, proxies].filter((line) => line !== '');
}

function describeAccount({ email, requests, cost, endedGrants }: ReplayedAccount): string {
  return `${email}: ${requests} requests for ${formatUsd(cost)} counted, ${endedGrants} grants ended.`;
}

/**
 * Ends everything that may have been revoked or spent since the backup was made. The database does not know what that
 * was, so all of it ends.
 */
async function endAccess({ environment, print }: CommandContext, keepSpending: readonly string[]): Promise<void> {
  const { grants, accounts } = await withDatabase(environment, async (db) =>
    endRestoredAccess(db, await findAccountIds(db, keepSpending)),
  );
  print(`${grants} grants ended, and all sessions, API tokens, links and unused invitations.`);
  print(`The overall limit of ${accounts} accounts counts as used up for this month.`);
  print('Start the servers. Then repeat what the backup does not know: see “Backup” in docs/operations.md.');
}

async function findAccountIds(db: Database, emails: readonly string[]): Promise<readonly string[]> {
  const accounts = await Promise.all(emails.map((email) => findAccountByEmail(db, email)));
  const unknown = emails.filter((_, index) => accounts[index] === undefined);
  if (unknown.length > 0) throw new Error(`There is no account for ${unknown.join(', ')}. Nothing was changed.`);
  return accounts.flatMap((account) => account?.id ?? []);
}
