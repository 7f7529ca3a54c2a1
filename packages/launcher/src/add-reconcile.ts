import type { Command } from 'commander';
import { billSources } from './bills/bill-sources.js';
import type { CommandContext } from './commands/context.js';
import { couldNotCompare, type ReconcileOptions, reconcile } from './commands/reconcile.js';

/** `reconcile`: the comparison of the ledger with the bills of AI providers. */
export function addReconcile(program: Command, context: CommandContext): void {
  program
    .command('reconcile <provider>')
    .description(
      `compare the ledger with the bill of an AI provider (${[...billSources.keys()].join(', ')}), for each key and day; the exit status is 1 when they differ, and 2 when nothing could be compared`,
    )
    .option(
      '--key <ours=theirs>',
      'an email address, or operator, and the identifier of this key at the provider; repeat it for each key',
      (pair: string, pairs: readonly string[] | undefined) => [...(pairs ?? []), pair],
    )
    .option('--from <day>', 'the first day, YYYY-MM-DD; by default six days before the last')
    .option('--to <day>', 'the last day; by default the day before yesterday')
    .option('--tolerance <usd>', 'the largest difference that is ignored, in US dollars', '0.005')
    .option('--admin-key-stdin', 'take the first line of the standard input as the provider’s admin key')
    .option('--base-url <url>', 'another address of the provider’s API')
    .option('--json', 'print one JSON object')
    // a wrong option is not a difference
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : couldNotCompare))
    .action((provider: string, options: ReconcileOptions) => reconcile(context, provider, options));
}
