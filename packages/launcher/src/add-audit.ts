import type { Command } from 'commander';
import { type AuditOptions, restartAuditSealing, verifyAuditLog } from './commands/audit.js';
import type { CommandContext } from './commands/context.js';

/** The commands for the audit log. */
export function addAudit(audit: Command, context: CommandContext): void {
  audit
    .command('verify')
    .description('look for changes of the audit log that were made in the database')
    .option(
      '--expect <seal>',
      'a seal that the log of an authorization server named (audit_log_sealed): it must be there',
    )
    .action((options: AuditOptions) => verifyAuditLog(context, options));
  audit
    .command('restart')
    .description('after a change was found and examined: seal the whole log again, as it is now')
    .action(() => restartAuditSealing(context));
}
