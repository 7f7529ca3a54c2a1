import { type Command, Option } from 'commander';
import { type AuditOptions, restartAuditSealing, verifyAuditLog } from './commands/audit.js';
import { type ExportOptions, exportAuditLog, exportFormats } from './commands/audit-export.js';
import { type HeadsOptions, printHeadKeys, printHeads } from './commands/audit-heads.js';
import type { CommandContext } from './commands/context.js';

/** The commands for the audit log. */
export function addAudit(audit: Command, context: CommandContext): void {
  audit
    .command('verify')
    .description('check the audit log for events that were changed, added or removed in the database')
    .option(
      '--expect <seal>',
      'a seal from a line audit_log_sealed in the log of an authorization server: fail if it is missing',
    )
    .option('--head <file>', 'a file with lines of `audit heads`: fail if a seal that they name is missing')
    .option('--account <email>', 'look only at the events of one account, and at the chain of their seals')
    .action((options: AuditOptions) => verifyAuditLog(context, options));
  audit
    .command('heads')
    .description('print the signed head of the log of each day, to keep it outside of the database')
    .option('--account <email>', 'the heads of one account, each with the proof that the head of the day covers it')
    .action((options: HeadsOptions) => printHeads(context, options));
  audit
    .command('public-keys')
    .description('print the public keys that verify the signatures of the heads, as a JWK set')
    .action(() => printHeadKeys(context));
  audit
    .command('export')
    .description('print all events, the latest first, on the standard output')
    .addOption(new Option('--format <format>', 'JSON lines or CSV').choices(exportFormats).default('jsonl'))
    .option('--since <time>', 'only events from this time on, such as 2026-01-31 or 2026-01-31T12:00:00Z')
    .action((options: ExportOptions) => exportAuditLog(context, options));
  audit
    .command('restart')
    .description('after a change was found and examined: seal the whole log again, as it is now')
    .action(() => restartAuditSealing(context));
}
