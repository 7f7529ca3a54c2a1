import { release } from '@aipassport/store';
import { Command, Option } from 'commander';
import { createAccount, disableAccountByEmail, listAccounts, type NewAccountOptions } from './commands/accounts.js';
import { checkSettings } from './commands/check-settings.js';
import { createClient, deleteClientById, listClients, showClient } from './commands/clients.js';
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
import {
  clientProfiles,
  clientTypes,
  idTokenAlgorithms,
  type NewClientOptions,
  secretMethods,
} from './commands/new-client.js';
import { prepareRoles } from './commands/prepare-roles.js';
import { type RotationOptions, rotateSealingKey, rotateSigningKey } from './commands/rotate.js';
import { start } from './commands/start.js';

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
    .description('make the three roles of the database, as a superuser of it, and give the owner what is there')
    .option(...keyDirectory)
    .action((options: KeysOptions) => prepareRoles(context, options));
  addExaminations(program, context);
  addRotations(program, context);
  addAccounts(program.command('accounts').description('the resource owners'), context);
  addClients(program.command('clients').description('the apps that may ask resource owners'), context);
  addKeys(program.command('keys').description('the files with the keys of the two servers'), context);
  return program;
}

function addExaminations(program: Command, context: CommandContext): void {
  program
    .command('doctor')
    .description('look at everything that a start needs, and say what is not right')
    .action(() => examine(context));
  program
    .command('check-settings <file>')
    .description(
      'look for misspelt names in a file of settings, such as the .env of a compose file; - is the standard input',
    )
    .action((file: string) => checkSettings(context, file));
  program
    .command('verify-ledger')
    .description('recompute what every grant has used from the ledger, and fail when anything does not agree')
    .action(() => verifyLedger(context));
  program
    .command('correct-charge <request>')
    .description('add a row to the ledger that corrects what a request was charged, such as a doubted one')
    .requiredOption('--cost <usd>', 'what it cost, in US dollars')
    .requiredOption('--reason <text>', 'for the audit log')
    .action((request: string, options: CorrectionOptions) => correctRequestCharge(context, request, options));
  program
    .command('drop-ledger')
    .description('drop the months of the ledger that ended before a day; their sums are kept')
    .requiredOption('--before <day>', 'YYYY-MM-DD')
    .action(({ before }: { readonly before: string }) => dropLedger(context, before));
}

function addAccounts(accounts: Command, context: CommandContext): void {
  accounts
    .command('list')
    .description('every account')
    .action(() => listAccounts(context));
  accounts
    .command('create <email>')
    .description('make an account with a password that is shown once')
    .option('--password-stdin', 'take the first line of the standard input as the password')
    .action((email: string, options: NewAccountOptions) => createAccount(context, email, options));
  accounts
    .command('disable <email>')
    .description('end its sessions and its grants, for good')
    .action((email: string) => disableAccountByEmail(context, email));
  addInvitations(accounts, context);
}

function addInvitations(accounts: Command, context: CommandContext): void {
  accounts
    .command('invite')
    .description('show a link that makes one account, once: for ACCOUNT_CREATION=invite')
    .option('--expires <time>', 'how long it is good for, such as 90m, 12h or 7d', '7d')
    .option('--note <text>', 'who it is for; the list shows it')
    .action((options: InvitationOptions) => createInvitation(context, options));
  accounts
    .command('invitations')
    .description('every invitation, who made it, and what became of it')
    .action(() => listInvitations(context));
  accounts
    .command('uninvite <id>')
    .description('withdraw an unused invitation')
    .action((id: string) => withdrawInvitation(context, id));
  accounts
    .command('let-invite <email>')
    .description('let an account invite others, at most twenty in a month')
    .action((email: string) => changeMayInvite(context, email, true));
  accounts
    .command('stop-inviting <email>')
    .description('take that back; unused invitations of the account no longer work')
    .action((email: string) => changeMayInvite(context, email, false));
}

function addClients(clients: Command, context: CommandContext): void {
  clients
    .command('list')
    .description('every client, and who registered it')
    .action(() => listClients(context));
  clients
    .command('create')
    .description('register a client, and show its id and its secret, once')
    .requiredOption('--name <name>', 'what owners see when it asks')
    .option('--redirect-uri <uri...>', 'where owners are sent back to; only a terminal may have none')
    .option('--post-logout-redirect-uri <uri...>', 'where owners are sent after they sign out')
    .addOption(new Option('--type <type>', 'how it runs').choices(clientTypes).default('web'))
    .addOption(
      new Option('--id-token-alg <alg>', 'what signs its ID tokens').choices(idTokenAlgorithms).default('RS256'),
    )
    .option('--delegates', 'it may exchange its tokens for tokens with less, for its sub-agents (RFC 8693)')
    .addOption(
      new Option('--secret-method <method>', 'how it sends its secret')
        .choices(secretMethods)
        .default('client_secret_basic'),
    )
    .option(
      '--jwks <file>',
      'its public keys, as a JSON Web Key Set: it signs assertions (private_key_jwt) and has no secret; - is the standard input',
    )
    .option('--require-pushed', 'take its requests only when they are pushed (RFC 9126)')
    .option('--dpop-bound', 'give it only tokens that are bound to its key (RFC 9449)')
    .addOption(new Option('--profile <profile>', 'what it must meet: FAPI 2.0').choices(clientProfiles))
    .action((options: NewClientOptions) => createClient(context, options));
  clients
    .command('show <id>')
    .description('all that is stored about a client, except its secret')
    .action((id: string) => showClient(context, id));
  clients
    .command('delete <id>')
    .description('delete a client, and revoke all its grants')
    .action((id: string) => deleteClientById(context, id));
}

function addRotations(program: Command, context: CommandContext): void {
  program
    .command('rotate-sealing-key')
    .description('seal every provider key to a new key, and drop the old one; goes on where it was interrupted')
    .option(...keyDirectory)
    .option('--one-step', 'do the next step only: required when servers do not share these files')
    .option('--drop-anyway', 'also when no stored provider key opens with the old key, or one does not')
    .action((options: RotationOptions) => rotateSealingKey(context, options));
  program
    .command('rotate-signing-key')
    .description('publish a new signing key, sign with it, retire the old one: each when its time has come')
    .option(...keyDirectory)
    .action((options: RotationOptions) => rotateSigningKey(context, options));
}

const keyDirectory = ['--directory <path>', 'the directory of the keys; by default in the data directory'] as const;

function addKeys(keys: Command, context: CommandContext): void {
  keys
    .command('init')
    .description('make every key that is missing')
    .option(...keyDirectory)
    .option('--database <url>', 'make passwords for this PostgreSQL too: postgres://superuser@host:port/name')
    .option(
      '--one-role',
      'with --database: both servers connect as that superuser, as they did before there were three roles',
    )
    .action((options: KeysOptions) => initKeys(context, options));
  keys
    .command('list')
    .description('checks the directory of the keys, and who may read them')
    .option(...keyDirectory)
    .action((options: KeysOptions) => listKeys(context, options));
}
