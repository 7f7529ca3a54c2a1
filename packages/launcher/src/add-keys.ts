import { type Command, Option } from 'commander';
import type { CommandContext } from './commands/context.js';
import { initKeys, type KeysOptions, listKeys } from './commands/keys.js';
import {
  type CookieKeyOptions,
  type ProxySecretOptions,
  type RotationOptions,
  rotateAuditKey,
  rotateCookieKey,
  rotateDatabasePasswords,
  rotateProxySecret,
  rotateSealingKey,
  rotateSigningKey,
} from './commands/rotate.js';
import { auditKeySteps, cookieKeySteps } from './keys/rotate-key-list.js';

/** The option that names the directory of the keys. */
export const keyDirectory = [
  '--directory <path>',
  'the directory of the keys; by default in the data directory',
] as const;

/** `keys …`: the files of the keys. */
export function addKeys(keys: Command, context: CommandContext): void {
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

/** `rotate-…`: the commands that replace a key or a secret. */
export function addRotations(program: Command, context: CommandContext): void {
  program
    .command('rotate-sealing-key')
    .description(
      'seal every stored API key to a new sealing key, and delete the old one; an interrupted rotation is continued',
    )
    .option(...keyDirectory)
    .option('--one-step', 'do the next step only: required when servers do not share these files')
    .option(
      '--to <place>',
      'the place of the new key: file, or <mount>/<key> in the transit engine of SEALING_TRANSIT_URL; by default the place of the current key',
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
    .command('rotate-audit-key')
    .description(
      'add a new key of the audit log, and seal with it when every server knows it; the older ones still verify',
    )
    .option(...keyDirectory)
    .addOption(
      new Option('--step <step>', 'do one step only: required when servers do not share these files').choices(
        auditKeySteps,
      ),
    )
    .action((options: CookieKeyOptions) => rotateAuditKey(context, options));
  program
    .command('rotate-proxy-secret')
    .description('give the resource proxy a new secret; the authorization servers accept the earlier one for a while')
    .option(...keyDirectory)
    .option('--overlap <time>', 'how long the earlier secret still works, such as 90m, 12h or 7d', '1h')
    .option('--end-earlier', 'create no new secret, but end the earlier secrets now')
    .action((options: ProxySecretOptions) => rotateProxySecret(context, options));
  program
    .command('rotate-database-passwords')
    .description('give each role of the database a new password; an interrupted rotation is continued')
    .option(...keyDirectory)
    .option('--one-step', 'do the next step only: required when servers do not share these files')
    .action((options: RotationOptions) => rotateDatabasePasswords(context, options));
}
