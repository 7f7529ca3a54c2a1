import { type BillExplanation, formatDecimalUsd, type NanoUsd } from '@aipassport/policy';
import type { ComparedKey, ComparedLine, Reconciliation } from './reconciliation.js';

/** Writes an amount exactly, with its sign. */
export function formatSignedUsd(amount: NanoUsd): string {
  return amount < 0n ? `-${formatDecimalUsd(-amount)}` : formatDecimalUsd(amount);
}

/** The comparison as a table in plain words. Amounts are in US dollars. */
export function formatReconciliation({ keys, otherOurs, otherTheirs }: Reconciliation, label: string): string {
  const blocks = keys.map((key) => formatKey(key, label));
  const ours = otherOurs.map(({ name, nanoUsd, requests }) => `  ${name}  ${formatSignedUsd(nanoUsd)}  ${requests}`);
  const theirs = otherTheirs.map(
    ({ keyId, nanoUsd }) => `  ${keyId ?? 'usage without an API key'}  ${formatSignedUsd(nanoUsd)}`,
  );
  if (ours.length > 0)
    blocks.push(
      [
        'Our keys that are not in a --key option, each with the amount charged and the number of requests:',
        ...ours,
      ].join('\n'),
    );
  if (theirs.length > 0)
    blocks.push([`Keys of ${label} that are not in a --key option, with their cost:`, ...theirs].join('\n'));
  return blocks.join('\n\n');
}

function formatKey({ ours, theirs, days, total }: ComparedKey, label: string): string {
  const head = ['day (UTC)', 'ours', label, 'difference', 'requests', 'result'];
  const lines = days.map(({ day, ...line }) => ({ cells: describe(day, line), notes: explain(line, label) }));
  if (total !== undefined && days.length > 1) lines.push({ cells: describe('final days', total), notes: [] });
  const rows = [head, ...lines.map(({ cells }) => cells)];
  const widths = head.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const write = (cells: readonly string[]) =>
    cells.map((cell, column) =>
      isLeft(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
  return [
    `${ours.map(({ name }) => name).join(', ')} = ${theirs.join(', ')}`,
    ...[{ cells: head, notes: [] as readonly string[] }, ...lines].flatMap(({ cells, notes }) => [
      `  ${write(cells).join('  ')}`.trimEnd(),
      ...notes.map((note) => `    ${note}`),
    ]),
  ].join('\n');
}

/** The day and the result are words, the other columns are numbers. */
function isLeft(column: number): boolean {
  return column === 0 || column === 5;
}

function describe(name: string, { ours, bill, comparison }: ComparedLine): readonly string[] {
  return [
    name,
    formatSignedUsd(ours.nanoUsd),
    formatSignedUsd(bill.nanoUsd),
    comparison === undefined ? '' : formatSignedUsd(comparison.differenceNanoUsd),
    `${ours.requests} / ${bill.requests}`,
    comparison === undefined ? 'not final yet' : comparison.agrees ? 'agrees' : 'differs',
  ];
}

function explain({ ours, bill, comparison }: ComparedLine, label: string): readonly string[] {
  const more = bill.requests - ours.requests;
  const sentences: Readonly<Record<BillExplanation, string>> = {
    other_requests: `May be: ${more} ${more === 1 ? 'request' : 'requests'} with this key that did not go through AIPassport.`,
    unknown_usage: `May be: requests whose usage is unknown. We charged ${formatSignedUsd(ours.unknownNanoUsd)} for them, the most that they can have cost.`,
    corrections: `May be: we corrected charges by ${formatSignedUsd(ours.correctedNanoUsd)}.`,
    around_midnight: `May be: requests for ${formatSignedUsd(ours.midnightNanoUsd)} that began on one day and ended on the next. ${label} may count them on the other day.`,
    discount: `May be: a discount of ${label}. Without it, the bill is ${formatSignedUsd(bill.listNanoUsd ?? 0n)}.`,
    prices: `May be: ${label}’s prices are not the ones in AIPassport’s price list, or ${label} corrected its report later.`,
  };
  return (comparison?.explanations ?? []).map((explanation) => sentences[explanation]);
}

/** The comparison for programs. Amounts are decimal texts of US dollars. */
export function describeReconciliation({ keys, otherOurs, otherTheirs }: Reconciliation): object {
  return {
    keys: keys.map(({ ours, theirs, days, total }) => ({
      our_keys: ours.map(({ name }) => name),
      vendor_keys: theirs,
      days: days.map(({ day, ...line }) => ({ day, ...describeLine(line) })),
      final_days: total === undefined ? null : describeLine(total),
    })),
    other_keys: otherOurs.map(({ name, nanoUsd, requests }) => ({
      our_key: name,
      ours_usd: formatSignedUsd(nanoUsd),
      our_requests: requests,
    })),
    other_vendor_keys: otherTheirs.map(({ keyId, nanoUsd }) => ({
      vendor_key: keyId ?? null,
      vendor_usd: formatSignedUsd(nanoUsd),
    })),
  };
}

function describeLine({ ours, bill, comparison }: ComparedLine): object {
  return {
    result: comparison === undefined ? 'not_final' : comparison.agrees ? 'agrees' : 'differs',
    ours_usd: formatSignedUsd(ours.nanoUsd),
    vendor_usd: formatSignedUsd(bill.nanoUsd),
    difference_usd: comparison === undefined ? null : formatSignedUsd(comparison.differenceNanoUsd),
    our_requests: ours.requests,
    vendor_requests: bill.requests,
    unknown_usage_usd: formatSignedUsd(ours.unknownNanoUsd),
    may_be: comparison?.explanations ?? [],
  };
}
