import { release } from '@aipassport/store';
import { maxInvitationsOfAccount } from '@aipassport/store/authorization';
import { Command, Option } from 'commander';
import { addAudit } from './add-audit.js';
import { addClients } from './add-clients.js';
import {
  createAccount,
  createResetLink,
  disableAccountByEmail,
  enableAccountByEmail,
  listAccounts,
  type NewAccountOptions,
  removeAuthenticator,
} from './commands/accounts.js';
import { checkSettings } from './commands/check-settings.js';
import type { CommandContext } from './commands/context.js';
import { type CorrectionOptions, correctRequestCharge } from './commands/correct-charge.js';
import { examine } from './commands/doctor.js';
import {
  changeMayInvite,
  createInvitation,
  type InvitationOptions,
  listInvitations,
  withdrawInvitation,
} from './commands/invitations.js';
import { initKeys, type KeysOptions, listKeys } from './commands/keys.js';
import { dropLedger, verifyLedger } from './commands/ledger.js';
import { initDatabase, migrateDatabase } from './commands/migrate.js';
import { changeOperator, createOperatorLink, listOperators } from './commands/operators.js';
import { prepareRoles } from './commands/prepare-roles.js';
import { type RestoreOptions, recoverFromRestore } from './commands/restored.js';
import {
  type CookieKeyOptions,
  type ProxySecretOptions,
  type RotationOptions,
  rotateCookieKey,
  rotateDatabasePasswords,
  rotateProxySecret,
  rotateSealingKey,
  rotateSigningKey,
} from './commands/rotate.js';
import { start } from './commands/start.js';
import { cookieKeySteps } from './keys/rotate-cookie-keys.js';

/** The command line: all commands and their descriptions. */
export function createProgram(context: CommandContext): Command {
  const program = new Command('aipassport')
    .description('Lend apps your AI access without lending them your API key.')
    .version(`release ${release}`)
    .showHelpAfterError('Add --help to see the commands and options.');
  program
    .command('start')
    .description('run everything on this machine, until Ctrl-C')
    .action(() => start(context));
  program
    .command('migrate')
    .description('bring the schema of the database up to date')
    .action(() => migrateDatabase(context));
  program
    .command('init')
    .description(
      'prepare a deployment: apply the migrations and register the resource proxy as a client. Run it before the servers start',
    )
    .action(() => initDatabase(context));
  program
    .command('prepare-roles')
    .description(
      'create the three database roles and make the owner role own everything in the database; connects as a superuser',
    )
    .option(...keyDirectory)
    .action((options: KeysOptions) => prepareRoles(context, options));
  addExaminations(program, context);
  addRestore(program, context);
  addRotations(program, context);
  addAccounts(program.command('accounts').description('the accounts of the people who use this server'), context);
  addOperators(program.command('operators').description('the accounts that may use the operator’s pages'), context);
  addClients(program.command('clients').description('the apps that can ask people for access'), context);
  addAudit(program.command('audit').description('the audit log'), context);
  addKeys(program.command('keys').description('the files with the keys of the two servers'), context);
  return program;
}

function addExaminations(program: Command, context: CommandContext): void {
  program
    .command('doctor')
    .description('check everything that the servers need to start, and report problems')
    .action(() => examine(context));
  program
    .command('check-settings <file>')
    .description(
      'look for misspelt names in a file of settings, such as the .env of a compose file; - is the standard input',
    )
    .action((file: string) => checkSettings(context, file));
  program
    .command('verify-ledger')
    .description('recompute all usage counters from the ledger, and fail if a counter differs')
    .action(() => verifyLedger(context));
  program
    .command('correct-charge <request>')
    .description('correct the charge of a request, by adding a row to the ledger')
    .requiredOption('--cost <usd>', 'the correct cost of the request, in US dollars')
    .requiredOption('--reason <text>', 'the reason for the correction, for the audit log')
    .action((request: string, options: CorrectionOptions) => correctRequestCharge(context, request, options));
  program
    .command('drop-ledger')
    .description('drop the months of the ledger that ended before a day; their sums are kept')
    .requiredOption('--before <day>', 'YYYY-MM-DD')
    .action(({ before }: { readonly before: string }) => dropLedger(context, before));
}

function addRestore(program: Command, context: CommandContext): void {
  program
    .command('restored')
    .description(
      'after a backup of the database was restored: end everything that was revoked or spent since the backup, or may have been',
    )
    .option(
      '--journal <directory...>',
      'replay the journal: end and count what ended and was spent since the backup, and end all sessions and links',
    )
    .option('--dry-run', 'with --journal: change nothing, and print what would be done')
    .option(
      '--end-all-access',
      'without a journal: end all access of all apps, all sessions, API tokens and links, and use up the overall limits of this month',
    )
    .option(
      '--keep-spending <email...>',
      'with --end-all-access: accounts whose overall limit keeps the spending that is in the backup',
    )
    .action((options: RestoreOptions) => recoverFromRestore(context, options));
}

function addAccounts(accounts: Command, context: CommandContext): void {
  accounts
    .command('list')
    .description('list all accounts')
    .action(() => listAccounts(context));
  accounts
    .command('create <email>')
    .description('make an account with a password that is shown once')
    .option('--password-stdin', 'take the first line of the standard input as the password')
    .option(
      '--max-cost-per-month <usd>',
      'the overall limit for all its apps together, in US dollars, or off; by default NEW_ACCOUNT_MAX_COST_USD_PER_MONTH, or else 20',
    )
    .action((email: string, options: NewAccountOptions) => createAccount(context, email, options));
  accounts
    .command('disable <email>')
    .description('disable an account: sign it out everywhere, and remove the access of its apps')
    .action((email: string) => disableAccountByEmail(context, email));
  accounts
    .command('enable <email>')
    .description('let a disabled account sign in again; its apps have to be connected again')
    .action((email: string) => enableAccountByEmail(context, email));
  accounts
    .command('reset-password <email>')
    .description('create a link, valid for an hour, with which the owner sets a new password once')
    .action((email: string) => createResetLink(context, email));
  accounts
    .command('remove-authenticator <email>')
    .description('turn off the authenticator app of an account whose owner has lost it')
    .action((email: string) => removeAuthenticator(context, email));
  addInvitations(accounts, context);
}

function addInvitations(accounts: Command, context: CommandContext): void {
  accounts
    .command('invite')
    .description('create a link with which one person can create an account, if ACCOUNT_CREATION is invite')
    .option('--expires <time>', 'how long the link is valid, such as 90m, 12h or 7d', '7d')
    .option('--note <text>', 'who the link is for, for the list of invitations')
    .action((options: InvitationOptions) => createInvitation(context, options));
  accounts
    .command('invitations')
    .description('list all invitations, who created them, and whether they were used')
    .action(() => listInvitations(context));
  accounts
    .command('uninvite <id>')
    .description('withdraw an unused invitation')
    .action((id: string) => withdrawInvitation(context, id));
  accounts
    .command('let-invite <email>')
    .description(
      `let an account invite others; it can have ${maxInvitationsOfAccount} invitations, including those used in the last 30 days`,
    )
    .action((email: string) => changeMayInvite(context, email, true));
  accounts
    .command('stop-inviting <email>')
    .description('no longer let an account invite others, and disable its unused invitations')
    .action((email: string) => changeMayInvite(context, email, false));
}

function addOperators(operators: Command, context: CommandContext): void {
  operators
    .command('list')
    .description('list the operators')
    .action(() => listOperators(context));
  operators
    .command('invite')
    .description('create a link with which one account becomes an operator, within a day')
    .action(() => createOperatorLink(context));
  operators
    .command('grant <email>')
    .description('make an account an operator')
    .action((email: string) => changeOperator(context, email, true));
  operators
    .command('revoke <email>')
    .description('remove the role of an operator from an account')
    .action((email: string) => changeOperator(context, email, false));
}

function addRotations(program: Command, context: CommandContext): void {
  program
    .command('rotate-sealing-key')
    .description(
      'seal every stored API key to a new sealing key, and delete the old one; an interrupted rotation is continued',
    )
    .option(...keyDirectory)
    .option('--one-step', 'do the next step only: required when servers do not share these files')
    .option(
      '--to <place>',
      'where the new key is: file, or <mount>/<key> in the transit engine of SEALING_TRANSIT_URL; by default where the present one is',
    )
    .option(
      '--drop-anyway',
      'continue even if these sealing keys open no stored API key, or do not open one that is sealed to the old key',
    )
    .action((options: RotationOptions) => rotateSealingKey(context, options));
  program
    .command('rotate-signing-key')
    .description(
      'do the next step of a rotation, if it is due: publish a new signing key, sign with it, or retire the old one',
    )
    .option(...keyDirectory)
    .action((options: RotationOptions) => rotateSigningKey(context, options));
  program
    .command('rotate-cookie-key')
    .description('add a new cookie key, and sign with it when every server knows it; the older ones still verify')
    .option(...keyDirectory)
    .addOption(
      new Option('--step <step>', 'do one step only: required when servers do not share these files').choices(
        cookieKeySteps,
      ),
    )
    .action((options: CookieKeyOptions) => rotateCookieKey(context, options));
  program
    .command('rotate-proxy-secret')
    .description('give the resource proxy a new secret; the authorization servers accept the earlier one for a while')
    .option(...keyDirectory)
    .option('--overlap <time>', 'how long the earlier secret still works, such as 90m, 12h or 7d', '1h')
    .option('--end-earlier', 'change nothing but this: no earlier secret works any more')
    .action((options: ProxySecretOptions) => rotateProxySecret(context, options));
  program
    .command('rotate-database-passwords')
    .description('give each role of the database a new password; an interrupted rotation is continued')
    .option(...keyDirectory)
    .option('--one-step', 'do the next step only: required when servers do not share these files')
    .action((options: RotationOptions) => rotateDatabasePasswords(context, options));
}

const keyDirectory = ['--directory <path>', 'the directory of the keys; by default in the data directory'] as const;

function addKeys(keys: Command, context: CommandContext): void {
  keys
    .command('init')
    .description('create every key that is missing')
    .option(...keyDirectory)
    .option('--database <url>', 'also create passwords for this PostgreSQL: postgres://superuser@host:port/name')
    .option('--one-role', 'with --database: both servers connect as that superuser, and not with a role of their own')
    .action((options: KeysOptions) => initKeys(context, options));
  keys
    .command('list')
    .description('show the files of the keys, and who may read them')
    .option(...keyDirectory)
    .action((options: KeysOptions) => listKeys(context, options));
}
