import { maxInvitationsOfAccount } from '@aipassport/store/authorization';
import type { Command } from 'commander';
import {
  createAccount,
  createResetLink,
  disableAccountByEmail,
  enableAccountByEmail,
  listAccounts,
  type NewAccountOptions,
  removeAuthenticator,
} from './commands/accounts.js';
import type { CommandContext } from './commands/context.js';
import {
  changeMayInvite,
  createInvitation,
  type InvitationOptions,
  listInvitations,
  withdrawInvitation,
} from './commands/invitations.js';

/** `accounts …`: the accounts of the people who use this server, and the invitations to create one. */
export function addAccounts(accounts: Command, context: CommandContext): void {
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
