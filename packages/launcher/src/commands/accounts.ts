import { randomBytes } from 'node:crypto';
import {
  createPasswords,
  createResetToken,
  findPasswordProblem,
  formatResetLink,
  parseNewAccountLimit,
} from '@aipassport/authorization-server/operating';
import { textsIn } from '@aipassport/authorization-server/texts';
import { formatUsd } from '@aipassport/policy';
import {
  deleteAuthenticatorApp,
  disableAccount,
  enableAccount,
  findAccountByEmail,
  insertAccount,
  listAccounts as listStoredAccounts,
  recordNewAccount,
} from '@aipassport/store/authorization';
import { withDatabase } from '../database/with-database.js';
import type { CommandContext } from './context.js';
import { readFirstLine } from './read-first-line.js';
import { readIssuer } from './read-issuer.js';
import { readRecorded } from './read-recorded.js';

export interface NewAccountOptions {
  readonly passwordStdin?: boolean;
  /** US dollars, or `off`. Undefined: the limit that the server gives new accounts. */
  readonly maxCostPerMonth?: string;
}

/** `accounts list` */
export async function listAccounts(context: CommandContext): Promise<void> {
  const accounts = await readRecorded(context, { what: 'accounts' }, listStoredAccounts);
  for (const { id, email, createdAt, disabledAt, mayInvite } of accounts)
    context.print(
      `${id}  ${email}  since ${formatDay(createdAt)}${mayInvite ? ', may invite' : ''}${disabledAt === undefined ? '' : `, disabled ${formatDay(disabledAt)}`}`,
    );
}

/**
 * `accounts create`: reads the password from standard input, or makes one and shows it once. Only its hash is stored.
 */
export async function createAccount(context: CommandContext, email: string, options: NewAccountOptions): Promise<void> {
  if (!/^[^\s@]+@[^\s@]+$/.test(email)) throw new Error(`${email} is not an email address.`);
  const password = options.passwordStdin === true ? await readFirstLine() : randomBytes(15).toString('base64url');
  const problem = findPasswordProblem(Buffer.from(password), email);
  if (problem !== undefined) throw new Error(textsIn('en').say(problem));
  const maxCostPerMonth = readLimit(context, options);
  const passwordHash = await (await createPasswords()).hash(Buffer.from(password), { network: '', account: email });
  await withDatabase(context.environment, (db) =>
    db.transaction().execute(async (transaction) => {
      const account = await insertAccount(transaction, { email, passwordHash });
      if (account === undefined) throw new Error(`There is an account for ${email} already.`);
      await recordNewAccount(transaction, { accountId: account.id, maxCostPerMonth, by: 'operator' });
    }),
  );
  const limit = maxCostPerMonth === undefined ? 'no limit' : `a limit of ${formatUsd(maxCostPerMonth)} a month`;
  context.print(`The account ${email} was created, with ${limit} for all its apps together.`);
  if (options.passwordStdin !== true)
    context.print(`password  ${password}\nThe password is shown only now; only its hash is stored.`);
}

/**
 * Without the option, the setting of the server applies, so that the command and the pages give new accounts the same
 * limit.
 */
function readLimit({ variables }: CommandContext, { maxCostPerMonth }: NewAccountOptions): bigint | undefined {
  if (maxCostPerMonth === undefined)
    return parseNewAccountLimit(variables['NEW_ACCOUNT_MAX_COST_USD_PER_MONTH'] || undefined);
  try {
    return parseNewAccountLimit(maxCostPerMonth);
  } catch (cause) {
    throw new Error('--max-cost-per-month must be an amount in US dollars, such as 5 or 0.50, or off.', { cause });
  }
}

/** `accounts disable`: the account can no longer sign in, and its grants are revoked. */
export async function disableAccountByEmail({ environment, print }: CommandContext, email: string): Promise<void> {
  await withDatabase(environment, async (db) => {
    const account = await findAccountByEmail(db, email);
    if (account === undefined) throw new Error(`There is no account for ${email}.`);
    if (!(await disableAccount(db, account.id))) throw new Error(`The account ${email} is disabled already.`);
  });
  print(`The account ${email} is disabled: it is signed out everywhere, and its apps have no access any more.`);
}

/** `accounts enable`: a disabled account can sign in again. Its grants stay revoked. */
export async function enableAccountByEmail({ environment, print }: CommandContext, email: string): Promise<void> {
  await withDatabase(environment, async (db) => {
    const account = await findAccountByEmail(db, email);
    if (account === undefined) throw new Error(`There is no account for ${email}.`);
    if (!(await enableAccount(db, account.id))) throw new Error(`The account ${email} is not disabled.`);
  });
  print(`The account ${email} can sign in again. Its apps have to be connected again.`);
}

/**
 * `accounts reset-password`: makes a link with which the owner sets a new password once. The link is shown once; only a
 * hash of its token is stored.
 */
export async function createResetLink(context: CommandContext, email: string): Promise<void> {
  const issuer = readIssuer(context);
  const token = await withDatabase(context.environment, async (db) => {
    const account = await findAccountByEmail(db, email);
    if (account === undefined) throw new Error(`There is no account for ${email}.`);
    const created = await createResetToken(db, { accountId: account.id, by: 'operator' });
    if (created === undefined) throw new Error(`The account ${email} is disabled.`);
    return created;
  });
  context.print(formatResetLink(issuer, token));
  context.print(
    'The link sets a new password once, within an hour. It is shown only now; only a hash of its token is stored.',
  );
}

/** `accounts remove-authenticator`: removes the authenticator app, so that a sign-in needs only the password. */
export async function removeAuthenticator({ environment, print }: CommandContext, email: string): Promise<void> {
  await withDatabase(environment, async (db) => {
    const account = await findAccountByEmail(db, email);
    if (account === undefined) throw new Error(`There is no account for ${email}.`);
    if (!(await deleteAuthenticatorApp(db, account.id, 'operator')))
      throw new Error(`${email} has no authenticator app.`);
  });
  print(`The authenticator app of ${email} is turned off. Signing in takes only the password.`);
}

function formatDay(instant: Date): string {
  return instant.toISOString().slice(0, 10);
}
