import { release } from '@aipassport/store';
import { Command } from 'commander';
import { addAccounts } from './add-accounts.js';
import { addAudit } from './add-audit.js';
import { addClients } from './add-clients.js';
import { addKeys, addRotations, keyDirectory } from './add-keys.js';
import { addReconcile } from './add-reconcile.js';
import { checkSettings } from './commands/check-settings.js';
import type { CommandContext } from './commands/context.js';
import { type CorrectionOptions, correctRequestCharge } from './commands/correct-charge.js';
import { examine } from './commands/doctor.js';
import type { KeysOptions } from './commands/keys.js';
import { dropLedger, verifyLedger } from './commands/ledger.js';
import { initDatabase, migrateDatabase } from './commands/migrate.js';
import {
  addOperator,
  createOperatorLink,
  listOperators,
  type RemovalOptions,
  removeOperator,
} from './commands/operators.js';
import { prepareRoles } from './commands/prepare-roles.js';
import { type RestoreOptions, recoverFromRestore } from './commands/restored.js';
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
  addReconcile(program, context);
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
    .option('--journal-bucket', 'the same with the journal in the bucket of the servers’ setting JOURNAL_BUCKET_URL')
    .option('--dry-run', 'with a journal: change nothing, and print what would be done')
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
    .action((email: string) => addOperator(context, email));
  operators
    .command('revoke <email>')
    .description('remove the role of an operator from an account')
    .option('--leave-none', 'also from the only operator who can sign in')
    .action((email: string, options: RemovalOptions) => removeOperator(context, email, options));
}
