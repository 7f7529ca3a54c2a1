import { adminScopes } from '@aipassport/store/authorization';
import { type Command, Option } from 'commander';
import {
  approveClientById,
  changeClient,
  createClient,
  deleteClientById,
  listClients,
  showClient,
} from './commands/clients.js';
import type { CommandContext } from './commands/context.js';
import {
  clientProfiles,
  clientTypes,
  idTokenAlgorithms,
  type NewClientOptions,
  secretMethods,
} from './commands/new-client.js';

/** `clients …`: the apps that can ask people for access. */
export function addClients(clients: Command, context: CommandContext): void {
  clients
    .command('list')
    .description('list all clients, and who registered them')
    .action(() => listClients(context));
  clients
    .command('create')
    .description('register a client, and show its id and, once, its secret')
    .requiredOption('--name <name>', 'the name of the client that people see')
    .option('--redirect-uri <uri...>', 'where people are sent back to; a terminal and a machine need none')
    .option('--logo <url>', 'the URL of a picture that people see beside the name: PNG, JPEG, WebP or GIF')
    .option('--post-logout-redirect-uri <uri...>', 'where people are sent after they sign out')
    .addOption(new Option('--type <type>', 'how the client runs').choices(clientTypes).default('web'))
    .addOption(
      new Option('--id-token-alg <alg>', 'the algorithm with which its ID tokens are signed')
        .choices(idTokenAlgorithms)
        .default('RS256'),
    )
    .option(
      '--delegates',
      'let the client exchange its tokens for tokens with fewer rights, for its sub-agents (RFC 8693)',
    )
    .addOption(
      new Option(
        '--secret-method <method>',
        'how the client sends its secret, if it has one; by default, client_secret_basic',
      ).choices(secretMethods),
    )
    .option(
      '--jwks <file>',
      'the public keys of the client, as a JSON Web Key Set; the client then signs assertions (private_key_jwt) and has no secret; - is the standard input',
    )
    .addOption(
      new Option('--admin-scope <scope...>', 'what a machine may do through the admin API').choices(adminScopes),
    )
    .option('--require-pushed', 'accept authorization requests of the client only if they are pushed (RFC 9126)')
    .option('--dpop-bound', 'give the client only tokens that are bound to its key (RFC 9449)')
    .addOption(
      new Option('--profile <profile>', 'the security profile that the client must follow: FAPI 2.0').choices(
        clientProfiles,
      ),
    )
    .action((options: NewClientOptions) => createClient(context, options));
  clients
    .command('show <id>')
    .description('show the metadata of a client, who registered it, and whether it is approved or blocked')
    .action((id: string) => showClient(context, id));
  clients
    .command('block <id>')
    .description('block a client: remove all its access for good, and refuse to give it access again')
    .action((id: string) => changeClient(context, id, 'block'));
  clients
    .command('unblock <id>')
    .description('let a client ask for access again; the access that it had stays removed')
    .action((id: string) => changeClient(context, id, 'unblock'));
  clients
    .command('approve <id>')
    .description('vouch for a client that registered itself')
    .action((id: string) => approveClientById(context, id));
  clients
    .command('disapprove <id>')
    .description('withdraw the approval of a client that registered itself')
    .action((id: string) => changeClient(context, id, 'disapprove'));
  clients
    .command('delete <id>')
    .description('delete a client, and remove all its access')
    .action((id: string) => deleteClientById(context, id));
}
