import { baseUrl } from '@aipassport/contracts';
import { type NanoUsd, parseUsd } from '@aipassport/policy';
import { type Database, readDailyCharges } from '@aipassport/store';
import { createAskVendor } from '../bills/ask-vendor.js';
import type { BillSource, Period } from '../bills/bill.js';
import { billSources } from '../bills/bill-sources.js';
import { describeReconciliation, formatReconciliation } from '../bills/format-reconciliation.js';
import { readKeyPairs } from '../bills/read-key-pairs.js';
import { readPeriod } from '../bills/read-period.js';
import { buildReconciliation, type Reconciliation } from '../bills/reconciliation.js';
import { CommandFailure } from './command-failure.js';
import type { CommandContext } from './context.js';
import { readFirstLine } from './read-first-line.js';
import { readRecorded } from './read-recorded.js';

export interface ReconcileOptions {
  /** Each is `<our key>=<vendor's key>`. */
  readonly key?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly tolerance: string;
  readonly adminKeyStdin?: boolean;
  readonly baseUrl?: string;
  readonly json?: boolean;
}

/** The exit status when the amounts differ. */
const differs = 1;
/** The exit status when nothing could be compared. */
export const couldNotCompare = 2;

/**
 * `reconcile`: compares the ledger with the vendor's own report of costs, for each key and each day (UTC).
 *
 * @throws CommandFailure when an amount differs, or when nothing could be compared
 */
export async function reconcile(context: CommandContext, upstream: string, options: ReconcileOptions): Promise<void> {
  const { source, period, reconciliation } = await attempt(() => compare(context, upstream, options));
  const { label } = source;
  if (options.json === true)
    context.print(JSON.stringify({ upstream, ...describePeriod(period), ...describeReconciliation(reconciliation) }));
  else {
    context.print(`US dollars, by key and day (UTC). The difference is ${label}’s amount minus ours.\n`);
    context.print(formatReconciliation(reconciliation, label));
  }
  judge(reconciliation, label);
}

/** If the comparison cannot be made, the command ends with another exit status than after a difference. */
async function attempt<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new CommandFailure(couldNotCompare, error instanceof Error ? error.message : String(error));
  }
}

async function compare(context: CommandContext, upstream: string, options: ReconcileOptions) {
  const source = billSources.get(upstream);
  if (source === undefined)
    throw new Error(`The bill of ${upstream} cannot be read. Choose one of: ${[...billSources.keys()].join(', ')}.`);
  const now = context.now();
  const period = readPeriod(options, now, source);
  const toleranceNanoUsd = readTolerance(options.tolerance);
  const ask = createAskVendor(await readAddress(context, source, options), (seconds) =>
    context.printProgress?.(`${source.label} limits the rate; the command continues in ${seconds} seconds.`),
  );
  const { pairs, charges } = await readRecorded(context, { what: 'usage' }, async (db) => ({
    pairs: await readKeyPairs(db, source, options.key ?? []),
    charges: await readCharges(db, upstream, period),
  }));
  const bill = await source.read(
    ask,
    period,
    pairs.flatMap(({ theirs }) => theirs),
  );
  const reconciliation = buildReconciliation({ pairs, charges, bill, period, toleranceNanoUsd, now });
  return { source, period, reconciliation };
}

async function readCharges(db: Database, upstream: string, period: Period) {
  const charges = await readDailyCharges(db, { upstream, ...period });
  if (charges === undefined)
    throw new Error('The ledger no longer has these days: `drop-ledger` dropped their month. Choose a later --from.');
  return charges;
}

function readTolerance(text: string): NanoUsd {
  const tolerance = parseUsd(text);
  if (tolerance === undefined) throw new Error(`${text} is not an amount in US dollars, such as 0.01.`);
  return tolerance;
}

async function readAddress({ environment }: CommandContext, source: BillSource, options: ReconcileOptions) {
  const { label, adminKeyName, adminKeyVariable } = source;
  const values: Readonly<Record<string, unknown>> = environment;
  const given = options.adminKeyStdin === true ? await readFirstLine() : values[adminKeyVariable];
  const adminKey = typeof given === 'string' ? given.trim() : '';
  if (adminKey === '')
    throw new Error(
      `Set ${adminKeyVariable} or ${adminKeyVariable}_FILE to ${adminKeyName}, or give it with --admin-key-stdin.`,
    );
  // If the key had another character, `fetch` would throw an error whose message repeats the key.
  if (!/^[\x21-\x7e]{1,1000}$/.test(adminKey)) throw new Error('The admin key has a character that no API key has.');
  return { label, adminKeyName, baseUrl: readBaseUrl(source, options.baseUrl), headers: source.headers(adminKey) };
}

function readBaseUrl({ baseUrl: usual }: BillSource, given: string | undefined): string {
  if (given === undefined) return usual;
  try {
    return baseUrl().parse(given);
  } catch (error) {
    throw new Error(`--base-url ${error instanceof Error ? error.message : ''}.`);
  }
}

function describePeriod({ from, to }: Period): object {
  const last = new Date(to.getTime() - 1);
  return { from: from.toISOString().slice(0, 10), to: last.toISOString().slice(0, 10) };
}

/**
 * Throws if nothing could be compared, or if a pair differs on one day or in the sum of its days. The sum shows small
 * differences that add up.
 */
function judge({ keys }: Reconciliation, label: string): void {
  if (keys.length === 0)
    throw new CommandFailure(
      couldNotCompare,
      `Name at least one key with --key <our key>=<${label}’s key>. Our keys are the email addresses of their owners, and operator.`,
    );
  const totals = keys.map(({ total }) => total?.comparison);
  if (totals.every((total) => total === undefined))
    throw new CommandFailure(couldNotCompare, 'No day is final yet: vendors report late. Ask for earlier days.');
  const compared = keys.flatMap(({ days, total }) => [...days.map(({ comparison }) => comparison), total?.comparison]);
  if (compared.some((comparison) => comparison?.agrees === false))
    throw new CommandFailure(differs, `The ledger and the bill of ${label} differ.`);
}
